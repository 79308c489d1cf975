"""What every page of a site needs: the run, its figures beside their nulls, its autoencoders, all names to search."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from warehouse.export.site.source import Row, Source

BLOCKS = {"features": 32, "genes": 16, "terms": 16}  # pages a file
MOST = {"terms": 25, "types": 12, "contexts": 10, "edges": 50, "links": 15, "features": 200, "members": 300}
N_BEST, N_TELLING = 3, 24
TOTALS = ("n_cells", "n_genes", "n_saes", "n_features", "n_alive", "n_annotated", "n_checks", "n_failed")
EDGES = ("n_published", "n_calibrated", "n_specific")
MODEL = ("name", "family", "stand_in", "n_layers", "d_model", "n_parameters", "heldout_loss", "baseline_loss")


def front(source: Source, known: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    """The first file that pages read: all that the first page shows, and how the other files are laid out."""
    totals = source.answers("run_totals")[0]
    keys = {sae.sae_id: sae.key for sae in source.saes}
    best = source.answers("best_of_types", n_rows=N_BEST)
    about = {
        "run": source.records("run")[0],
        "model": [_chosen(one, MODEL) for one in source.answers("models")],
        "totals": _chosen(totals, TOTALS),
        "edges": _chosen(totals, EDGES),
        "rule": source.rule,
        "ablation": source.answers("ablation"),
        "counts": {kind: len(rows) for kind, rows in known.items()},
        "mean_listed": sum(n for _, n in known["genes"]) / totals["n_genes"] if totals["n_genes"] else None,
        "layers": source.records("layers"),
        "best": [one | {"key": keys[one["sae_id"]]} for one in best if one["sae_id"] in keys],
        "telling": source.records("telling", most=N_TELLING),
        "baselines": source.answers("baselines_by_layer"),
        "controls": source.answers("control_summary", effect="total", source_sae=None) if source.rule else [],
        "standings": source.answers("standings") if source.run["imported"] else [],
        "blocks": BLOCKS,
        "most": MOST | {"best": N_BEST},
    }
    return {name: plain(value) for name, value in about.items()}


def names(source: Source) -> dict[str, list[Row]]:
    """All names but those of features, in the order in which their pages are numbered."""
    return {
        "genes": source.rows("list_genes"),
        "terms": source.rows("list_terms"),
        "types": source.rows("list_types"),
        "modules": source.rows("list_modules"),
    }


def layer_list(source: Source, sae_id: str) -> dict[str, Any]:
    """Living features of an autoencoder, column by column: the page of the layer, and what the search reads."""
    columns = ("feature", "name", "genes", "label", "type", "low", "frequency", "tier", "n_edges")
    rows = source.rows("layer_list", sae_id=sae_id)
    return dict(zip(columns, zip(*rows, strict=True), strict=True)) if rows else {name: [] for name in columns}


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a query returns, at any depth
    """The value as JSON holds it, with four digits of a figure and times as texts."""
    match value:
        case dict():
            return {name: plain(one) for name, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
        case float():
            return float(f"{value:.4g}")
        case datetime():
            return value.isoformat(" ", "minutes")
        case _:
            return value


def _chosen(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names}
