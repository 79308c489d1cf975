"""The work of step ``unannotated``, one layer at a time.

1. The features without a significant annotation, and their genes by score (table ``feature_gene``).
2. Clusters of them under two rules (``rules``).
3. The genes that several members of a cluster list, and the gene sets over-represented among these (``consensus``):
   Benjamini-Hochberg over all clusters of the rule and all sets.
4. How many share a module with annotated features, beside the number that chance gives (``guilt``). NULL if no modules
   were made.
"""

from typing import Any

import polars as pl

from tasks.analyses.unannotated.consensus import best_terms, consensus_genes
from tasks.analyses.unannotated.rows import Rows, cluster_rows, summary_row
from tasks.analyses.unannotated.rules import GENES, RULES, Listed, as_published, by_weight, listed
from tasks.analyses.unannotated.step import UnannotatedSettings
from tasks.codes.axes import read_axes
from tasks.references.gene_sets import Library, cut_all
from tasks.references.reader import ReferencesReader
from tasks.step import Info, Inputs
from tasks.store import StepFolder, table_frame
from tasks.store.memory import require_memory

UNIT = "unannotated"
CLUSTER_TABLES = ("novel_cluster", "novel_cluster_feature", "novel_cluster_gene")
BYTES = 32  # for each pair of features, at the peak


def cluster_unannotated(settings: UnannotatedSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Cluster the unannotated features of one layer. Raises RequestError if there are too many for the memory."""
    modules = inputs.steps["modules"].get(inputs.layer)
    if not out.has(UNIT):
        background = read_axes(inputs.folder("activations"), inputs.folder("cells")).background
        sets = ReferencesReader(inputs.folder("references")).gene_sets()
        libraries = cut_all(sets, background, settings.min_set, settings.max_set)
        module = None if modules is None else StepFolder.open(modules).read_table("module_feature")
        described = StepFolder.open(inputs.folder("describe"))
        with out.unit(UNIT) as shard:
            for table, rows in both_rules(settings, described, background, libraries, module).items():
                shard.table(table, table_frame(table, rows))
    summary = out.read_table("novel_summary").filter(rule="weighted").row(0, named=True)
    told = {} if modules else {"no_guilt": "no modules were made (modules.wanted)"}
    return {"sae_id": summary["sae_id"], "n_clusters": summary["n_clusters"], **told}


def both_rules(
    settings: UnannotatedSettings,
    described: StepFolder,
    background: list[str],
    libraries: list[Library],
    module: pl.DataFrame | None,
) -> dict[str, Rows]:
    """Rows of all tables under both rules."""
    features, genes = described.read_table("feature"), described.read_table("feature_gene")
    annotated = described.read_table("annotation").filter("significant")["feature"]
    rows: dict[str, Rows] = {name: [] for name in ("novel_summary", *CLUSTER_TABLES)}
    for rule in RULES:
        n_genes = GENES if rule == "published" else settings.genes
        own = listed(rule, features, genes, annotated, background, n_genes)
        for table, found in one_rule(rule, settings, own, libraries, module, len(rows["novel_cluster"])).items():
            rows[table] += [{"sae_id": features["sae_id"][0], **row} for row in found]
    return rows


def one_rule(
    rule: str,
    settings: UnannotatedSettings,
    own: Listed,
    libraries: list[Library],
    module: pl.DataFrame | None,
    first: int,
) -> dict[str, list[dict[str, Any]]]:
    """Rows behind sae_id; clusters are numbered from ``first``."""
    n = len(own.feature)
    require_memory(BYTES * n**2, f"comparing the genes of {n} features", "set unannotated.wanted = false")
    found = (by_weight if rule == "weighted" else as_published)(settings, own)
    shared = [consensus_genes(own.lists, members) for members in found.members]
    terms = best_terms(own.lists, shared, libraries, settings.alpha)
    clusters = cluster_rows(rule, own, found, shared, terms, first)
    return {
        "novel_summary": [summary_row(rule, own, found, module)],
        **dict(zip(CLUSTER_TABLES, clusters, strict=True)),
    }
