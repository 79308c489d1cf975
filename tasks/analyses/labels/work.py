"""The work of step ``labels``: what one layer's features say of the cells' labels, genes and expression.

1. One pass over the firings sums them by cell and by gene (``sums.py``).
2. Labels: each column against all features within strata (``comparison.py``), with what the published rule of
   over-represented top cells calls (``top_cells.py``), and the rates of all rules beside labels that mean nothing
   (``rates.py``).
3. Scores: the best threshold of training cells on held-out cells (``scores.py``), beside the published best of five.
4. Families of genes (``families.py``) and expression (``expression.py``).
"""

import polars as pl

from tasks.analyses.labels.association import CellValues, associate
from tasks.analyses.labels.design import read_design
from tasks.analyses.labels.expression import expression_rows, position_values
from tasks.analyses.labels.families import choose_families, family_rows
from tasks.analyses.labels.step import LabelsSettings
from tasks.analyses.labels.sums import sum_for_labels
from tasks.analyses.labels.tables import tissue_rows
from tasks.cells.reader import CellsReader
from tasks.codes.axes import read_axes
from tasks.codes.reader import CodesReader
from tasks.references.reader import ReferencesReader
from tasks.step import Info, Inputs
from tasks.store import StepFolder

UNIT = "labels"


def label_features(settings: LabelsSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Fill the seven tables of one layer. Raises RequestError for labels, donors or families that cannot be used."""
    codes = CodesReader(inputs.folder("codes"))
    if not out.has(UNIT):
        folder = inputs.folder("cells")
        axes, cells = read_axes(inputs.folder("activations"), folder), CellsReader(folder)
        design = read_design(settings, cells, axes)
        libraries = ReferencesReader(inputs.folder("references")).gene_sets(settings.families)
        families = choose_families(axes.symbol, libraries, settings)
        values = position_values(cells, axes)
        sums = sum_for_labels(codes, axes, codes.n_features, values.value, values.excess)
        tables = associate(settings, design, CellValues.of(sums, axes))
        tables |= {
            "feature_tissue": tissue_rows(tables["feature_label_published"]),
            "feature_family": family_rows(sums.gene_fires, axes, families, settings),
            "feature_expression": expression_rows(sums, values, axes),
        }
        with out.unit(UNIT) as shard:
            for table, frame in tables.items():
                shard.table(table, frame.select(pl.lit(codes.sae_id).alias("sae_id"), pl.all()))
    summary = out.read_table("label_summary")
    reasons = summary.filter(~pl.col("conditional")).drop_nulls("reason")["reason"].to_list()
    return {
        "sae_id": codes.sae_id,
        "n_columns": summary.filter(pl.col("reason").is_null())["obs_column"].n_unique(),
        **({"notes": [f"not compared: {reason}" for reason in reasons]} if reasons else {}),
    }
