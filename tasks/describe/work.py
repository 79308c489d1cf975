"""The work of step ``describe``: one autoencoder's tables from its firings, in one unit."""

from tasks.activations.reader import ActivationReader
from tasks.cells.reader import CellsReader
from tasks.codes.axes import make_axes
from tasks.codes.reader import CodesReader
from tasks.describe.settings import DescribeSettings
from tasks.describe.tables import describe
from tasks.references.reader import ReferencesReader
from tasks.sae import load_sae
from tasks.step import Info, Inputs
from tasks.store import StepFolder

UNIT = "features"


def describe_sae(settings: DescribeSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Describe every feature of one layer's autoencoder.

    Raises RequestError if activations and cells do not fit each other.
    """
    model = load_sae(inputs.folder("sae"))
    if not out.has(UNIT):
        index, cells = ActivationReader(inputs.folder("activations")).index(), CellsReader(inputs.folder("cells"))
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
    return {"sae_id": model.sae_id, "layer": model.layer, "n_features": model.n_features}
