"""The work of step ``describe``: one autoencoder's tables from its firings, in one unit."""

from tasks.activations.reader import ActivationReader
from tasks.cells.reader import CellsReader
from tasks.codes.axes import make_axes
from tasks.codes.reader import CodesReader
from tasks.describe.settings import DescribeSettings
from tasks.describe.tables import describe
from tasks.describe.tested_cells import why_no_types
from tasks.references.reader import ReferencesReader
from tasks.sae import load_sae
from tasks.step import Info, Inputs
from tasks.store import StepFolder

UNIT = "features"


def describe_sae(settings: DescribeSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Describe every feature of one layer's autoencoder.

    Raises RequestError if activations and cells do not fit each other.
    """
    model, cells = load_sae(inputs.folder("sae")), CellsReader(inputs.folder("cells"))
    if not out.has(UNIT):
        index = ActivationReader(inputs.folder("activations")).index()
        axes = make_axes(index.cell_id, index.token, cells.genes())
        with out.unit(UNIT) as shard:
            codes = CodesReader(inputs.folder("codes"))
            references = ReferencesReader(inputs.folder("references"))
            libraries = references.gene_sets()
            if settings.regulons:
                named = references.networks().items()
                libraries |= {name: targets for name, targets in named if name not in libraries}
            tables = describe(settings, model, codes, axes, cells.with_tissues(), libraries, index.position)
            for table, frame in tables.items():
                shard.table(table, frame)
    note = why_no_types(cells.cells()["label"].to_list(), settings.min_cells)
    return {
        "sae_id": model.sae_id,
        "layer": model.layer,
        "n_features": model.n_features,
        **({} if note is None else {"notes": [note]}),
    }
