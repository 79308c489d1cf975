"""Where published numbers stand today, said beside them wherever an imported run shows them."""

from dashboards.data import imported_run, query_run
from dashboards.text import markdown

QUANTITIES = {  # of published_value, by the tables whose panels show such numbers
    "feature": ("living_features",),
    "sae": ("variance_explained",),
    "annotation_summary": ("annotated_fraction",),
    "annotation": ("annotation_rows",),
    "feature_network_density": ("rows_STRING",),
    "feature_cell_type": ("features_with_type",),
    "svd_layer": ("svd_aligned_features", "svd_variance"),
    "module": ("modules",),
    "novel_summary": ("guilt_by_association",),
    "persistence": ("adjacent_persistence",),
    "lifecycle": ("lifecycle_transient",),
    "cross_layer_summary": ("highways",),
    "cross_layer_link": ("highways",),
    "causal_patch": ("causal_median_specificity",),
    "perturbation_target": ("perturbation_specific_tfs",),
}


def standing_line(tables: tuple[str, ...]) -> str:
    """Where the numbers of an import's panel stand, with who says so, as Markdown; empty for other runs and panels."""
    asked = {quantity for table in tables for quantity in QUANTITIES.get(table, ())}
    if not asked or not imported_run():
        return ""
    said = []
    for row in query_run("standings").iter_rows(named=True):
        named = [quantity.replace("_", " ") for quantity in row["quantities"].split(", ") if quantity in asked]
        if row["standing"] is not None and named:
            standing = markdown(row["standing"].replace("_", " "))
            why = f"{markdown(row['reason'])} ({markdown(row['said_by'])})"
            said.append(f"**{standing}** ({markdown(', '.join(named))}): {why}")
    return f"Standing of the published numbers: {'; '.join(said)}." if said else ""
