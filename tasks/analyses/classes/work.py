"""The work of step ``classes``, in one unit.

1. The class of a feature: the type of cell that step describe calls for it (lower bound of the AUROC within strata of
   cell length, q), or the label of ``classes.column`` that it marks with the smallest q. Published work went by
   keywords in the names of terms, which put urine into Purine and cytokines into cytokinesis.
2. Edges within a class beside exchanged classes of targets (``within``), class by class; q is Benjamini-Hochberg over
   the classes that are tested.
3. Which labelled features those edges join (``class_circuit``), beside the number that exchanged classes give.

All cells of the trace count alike. Whether a class is wired in its own cells rather than in others needs a second
trace.
"""

from typing import Any

import numpy as np
import polars as pl

from tasks.analyses.classes.step import ClassesSettings
from tasks.analyses.classes.within import NO_CLASS, Wired, bins_of, chances, within_class
from tasks.analyses.domains.edges import END, PAIR, StudyEdges, read_edges
from tasks.analyses.domains.frames import conformed
from tasks.analyses.domains.graph import at_end, term_domains
from tasks.statistics.fdr import correct_rows
from tasks.step import Info, Inputs
from tasks.store import StepFolder, table_frame

UNIT = "classes"
CELL_TYPE = "cell_type"
TOO_FEW = "fewer sources with edges, or fewer targets, in the class than classes.min_sources"
Row = dict[str, Any]


def count_within_classes(settings: ClassesSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Count edges within classes. Raises RequestError if the effect was not traced."""
    if not out.has(UNIT):
        study = read_edges("classes", settings, inputs)
        classes = read_classes(settings, inputs)
        described = [StepFolder.open(folder) for _, folder in sorted(inputs.layers("describe").items())]
        labels = pl.concat(term_domains(folder) for folder in described)
        with out.unit(UNIT) as shard:
            for table, frame in class_tables(settings, study, classes, labels).items():
                shard.table(table, frame)
    tests = out.read_table("class_enrichment")
    return {"n_classes": tests.height, "n_beyond_chance": tests.filter(pl.col("q") <= 0.05).height}


def read_classes(settings: ClassesSettings, inputs: Inputs) -> pl.DataFrame:
    """layer, feature and class of every feature that has one."""
    parts = []
    for layer, folder in sorted(inputs.layers("describe").items()):
        if settings.column is None:
            features = StepFolder.open(folder).read_table("feature")
            own = features.select("feature", **{"class": "top_cell_type"}).drop_nulls()
        else:
            marks = StepFolder.open(inputs.layers("labels")[layer]).read_table("feature_label")
            kept = marks.filter("significant", ~pl.col("conditional"), pl.col("obs_column") == settings.column)
            ranked = kept.sort("feature", "q", "auroc", "label", descending=[False, False, True, False])
            own = ranked.unique("feature", keep="first", maintain_order=True).rename({"label": "class"})
        parts.append(own.select(pl.lit(layer, pl.UInt16).alias("layer"), "feature", "class"))
    return pl.concat(parts).sort(END)


def class_tables(
    settings: ClassesSettings, study: StudyEdges, classes: pl.DataFrame, labels: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Steps 2 and 3. ``classes``: layer, feature, class; ``labels``: layer, feature, domain."""
    names = classes["class"].unique().sort().to_list()
    wired = wire_classes(study, classes, names)
    bins = bins_of(wired, settings.bins)
    rows: list[Row] = []
    circuits = [table_frame("class_circuit", [])]
    about = {
        "effect": settings.effect,
        "criterion": study.criterion,
        "obs_column": settings.column or CELL_TYPE,
    }
    joined = at_end(study.edges, labels.rename({"domain": "source_domain"}), "source", "left")
    joined = at_end(joined, labels.rename({"domain": "target_domain"}), "target", "left")
    joined = joined.sort(*PAIR, "source_feature", "target_feature")
    for one, name in enumerate(names):
        rows.append({**about, "class": name, **_row(settings, wired, one, bins)})
        found = circuit_rows(wired, one, bins, joined)
        circuits.append(conformed("class_circuit", found, {**about, "class": name}))
    correct_rows(rows)
    return {
        "class_enrichment": table_frame("class_enrichment", rows),
        "class_circuit": pl.concat(circuits).sort("class", "n_edges", "source_domain", "target_domain"),
    }


def wire_classes(study: StudyEdges, classes: pl.DataFrame, names: list[str]) -> Wired:
    """Edges with their ends numbered, in the order of their ends; classes by their place in ``names``."""
    known = classes.with_columns(
        number=pl.col("class").replace_strict(names, range(len(names)), default=None, return_dtype=pl.Int64)
    ).drop("class")
    ends = {}
    for end, own in (("source", study.sources), ("target", study.pool)):
        ends[end] = own.sort(END).join(known, on=END, how="left", maintain_order="left").with_row_index(end)
    numbered = study.edges.sort(*PAIR, "source_feature", "target_feature")
    groups = numbered.select(PAIR).unique().sort(PAIR).with_row_index("group")
    numbered = numbered.join(groups, on=PAIR, maintain_order="left", how="left")
    for end, own in ends.items():
        on = {"layer": f"{end}_layer", "feature": f"{end}_feature"}
        numbered = numbered.join(own.drop("number").rename(on), on=[*on.values()], how="left", maintain_order="left")
    about = ends["target"].join(study.features, on=END, how="left", maintain_order="left")
    group, source, target = (numbered[name].to_numpy().astype(np.int64) for name in ("group", "source", "target"))
    of_source, of_target = (ends[end]["number"].fill_null(NO_CLASS).to_numpy().astype(np.int64) for end in ends)
    covariates = about.select("frequency", "n_terms").to_numpy().astype(np.float64)
    return Wired(group, source, target, of_source, of_target, about["layer"].to_numpy().astype(np.int64), covariates)


def circuit_rows(wired: Wired, one: int, bins: np.ndarray, joined: pl.DataFrame) -> pl.DataFrame:
    """source_domain, target_domain, n_edges, n_sources and expected of edges within a class between labelled ends."""
    leaves = wired.source_class[wired.source] == one
    own = joined.with_columns(
        inside=pl.Series(leaves & (wired.target_class[wired.target] == one)),
        chance=pl.Series(chances(wired, one, bins)[wired.target]),
    ).filter(pl.Series(leaves))
    named = own.drop_nulls(["source_domain", "target_domain"])
    source = pl.struct("source_layer", "source_feature").filter("inside")
    counted = named.group_by("source_domain", "target_domain").agg(
        n_edges=pl.col("inside").sum(), n_sources=source.n_unique(), expected=pl.col("chance").sum()
    )
    return counted.filter(pl.col("n_edges") > 0)


def _row(settings: ClassesSettings, wired: Wired, one: int, bins: np.ndarray) -> Row:
    sources, n_targets = wired.with_edges(one), int((wired.target_class == one).sum())
    leaves = wired.source_class[wired.source] == one
    row: Row = {
        "n_sources": sources.size,
        "n_targets": n_targets,
        "n_edges": int(leaves.sum()),
        "n_within": int((leaves & (wired.target_class[wired.target] == one)).sum()),
    }
    if min(sources.size, n_targets) < settings.min_sources:
        nothing = dict.fromkeys(
            ("share", "expected", "sd", "low", "high", "p_exchanged", "p_sources", "p", "q", "p_edges", "n_null")
        )
        return row | nothing | {"reason": TOO_FEW}
    found = within_class(wired, one, bins, settings.n_draws, [settings.seed, one])
    return row | {
        "share": found.share, "expected": found.expect, "sd": found.sd, "low": found.low, "high": found.high,
        "p_exchanged": found.p_exchanged, "p_sources": found.p_sources, "p": found.p, "q": None,
        "p_edges": found.p_edges, "n_null": settings.n_draws, "reason": None,
    }  # fmt: skip
