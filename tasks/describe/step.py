"""The describe step: one autoencoder's tables from its firings, in one unit."""

from pathlib import Path
from tempfile import TemporaryDirectory

from prefect import task

from tasks.activations.reader import ActivationReader
from tasks.cells.reader import CellsReader
from tasks.describe.axes import make_axes
from tasks.describe.codes import encode_to_files
from tasks.describe.settings import DescribeSettings
from tasks.describe.tables import describe
from tasks.sae import load_sae
from tasks.store import StepFolder

UNIT = "features"


@task(name="describe sae")
def describe_sae(
    settings: DescribeSettings, sae: Path, activations: Path, cells: Path, folder: Path, device: str
) -> Path:
    """Describe every feature of the autoencoder in step folder ``sae``; return ``folder``, finished.

    ``activations`` and ``cells`` are the step folders behind it. Raises RequestError if they do not fit each other
    or a gene-set file cannot be read.
    """
    with StepFolder.create(folder) as out:
        if out.done:
            return folder
        model = load_sae(sae, device)
        if not out.has(UNIT):
            reader, source = ActivationReader(activations), CellsReader(cells)
            index = reader.index()
            axes = make_axes(index.cell_id, index.token, source.genes())
            with TemporaryDirectory(dir=folder) as scratch, out.unit(UNIT) as shard:
                chunks = reader.chunks(model.layer)
                firings = encode_to_files(chunks, reader.n_positions, model, Path(scratch), device)
                for table, frame in describe(settings, model, firings, axes, source.cells()).items():
                    shard.table(table, frame)
        out.finish(sae_id=model.sae_id, layer=model.layer, n_features=model.n_features)
    return folder
