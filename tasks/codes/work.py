"""The work of step ``codes``: one unit per chunk of positions, those of the activations."""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from tasks.activations.reader import ActivationReader
from tasks.codes.encode import bytes_of, encode_rows
from tasks.codes.reader import FIRES, fires_file, firings_file
from tasks.codes.settings import CodesSettings
from tasks.sae import Sae, load_sae
from tasks.step import Info, Inputs
from tasks.store import Progress, StepFolder
from tasks.store.disk import gigabytes, require_disk

DISK_MARGIN = 1.1  # positions of training cells may have more active features than the held-out ones L0 is known of
REMEDY = "free some space, or keep fewer positions (activations.positions_per_cell) or layers (sae.layers)"


def encode_layer(_settings: CodesSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Encode every position of one layer. Killed, it goes on with the first chunk that is missing.

    Raises OutOfSpace, before anything is encoded, if the disk cannot hold the firings to expect.
    """
    sae = load_sae(inputs.folder("sae"), inputs.device)
    reader = ActivationReader(inputs.folder("activations"))
    missing = {unit: rows for unit, rows in reader.spans().items() if not out.has(unit)}
    n_missing = sum(rows.stop - rows.start for rows in missing.values())
    needed = estimate(inputs.folder("sae"), sae, n_missing, len(missing))
    require_disk(needed, out.path, f"codes of layer {sae.layer}", REMEDY)
    with Progress(f"encode layer {sae.layer}, about {gigabytes(needed)}", n_missing, "position") as bar:
        for unit, rows in missing.items():
            _write_chunk(sae, reader, unit, inputs.device, out)
            bar.advance(rows.stop - rows.start)
    return {
        "sae_id": sae.sae_id,
        "layer": sae.layer,
        "n_features": sae.n_features,
        "n_positions": reader.n_positions,
        "megabytes": round(sum(shard.bytes for line in out.lines.values() for shard in line.shards) / 1e6, 1),
    }


def estimate(folder: Path, sae: Sae, n_positions: int, n_chunks: int) -> int:
    """Bytes to expect of ``n_positions`` positions: as many firings each as held-out cells have (``sae.l0``)."""
    l0 = StepFolder.open(folder).read_table("sae")["l0"].item()
    return int(DISK_MARGIN * bytes_of(n_positions, n_positions * l0, sae.n_features, n_chunks))


def _write_chunk(sae: Sae, reader: ActivationReader, unit: str, device: str, out: StepFolder) -> None:
    with out.unit(unit) as shard:
        firings = encode_rows(sae, reader.states(sae.layer, unit).float().to(device))
        with shard.file(firings_file(unit)) as path:
            save_file(firings, path)
        with shard.file(fires_file(unit)) as path:
            save_file({FIRES: np.bincount(firings["feature"], minlength=sae.n_features)}, path)
