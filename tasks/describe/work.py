"""The work of step ``describe``: one autoencoder's tables from its firings, in one unit."""

from pathlib import Path
from tempfile import TemporaryDirectory

from tasks.activations.reader import ActivationReader
from tasks.cells.reader import CellsReader
from tasks.describe.axes import make_axes
from tasks.describe.codes import encode_to_files
from tasks.describe.settings import DescribeSettings
from tasks.describe.tables import describe
from tasks.sae import load_sae
from tasks.step import Info, Inputs
from tasks.store import StepFolder

UNIT = "features"


def describe_sae(settings: DescribeSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Describe every feature of one layer's autoencoder.

    Raises RequestError if autoencoder, activations and cells do not fit each other or a gene-set file cannot be read.
    """
    model = load_sae(inputs.folder("sae"), inputs.device)
    if not out.has(UNIT):
        reader, source = ActivationReader(inputs.folder("activations")), CellsReader(inputs.folder("cells"))
        index = reader.index()
        axes = make_axes(index.cell_id, index.token, source.genes())
        with TemporaryDirectory(dir=out.path) as scratch, out.unit(UNIT) as shard:
            chunks = reader.chunks(model.layer)
            firings = encode_to_files(chunks, reader.n_positions, model, Path(scratch), inputs.device)
            for table, frame in describe(settings, model, firings, axes, source.cells()).items():
                shard.table(table, frame)
    return {"sae_id": model.sae_id, "layer": model.layer, "n_features": model.n_features}
