"""The work of step ``compare``: other autoencoders of one layer, trained together, judged and compared."""

from pathlib import Path

import torch
from torch import Tensor

from tasks.compare.alternates import alternates
from tasks.compare.overlap import overlaps, twins
from tasks.compare.settings import CompareSettings
from tasks.models.load import load_prepared
from tasks.sae.devices import training_device
from tasks.sae.frequency import count_fires
from tasks.sae.layouts.load import load_sae
from tasks.sae.positions import Positions, read_positions
from tasks.sae.sae import Sae
from tasks.sae.settings import SaeSettings
from tasks.sae.step import MACHINE
from tasks.sae.training.checkpoints import drop_checkpoints, train_to_end
from tasks.sae.training.training import Training
from tasks.sae.untrained import untrained_sae
from tasks.sae.work import Judge, write_sae
from tasks.step import Info, Inputs
from tasks.store import Progress, StepFolder, content_key

OVERLAP = "overlap"


def compare_layer(settings: CompareSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Train the others of one layer's autoencoder; killed training goes on.

    All of them see the batches that the study's own autoencoder saw. Raises RequestError if nothing is to be compared,
    or for k above the number of features.
    """
    common = inputs.sections.of(SaeSettings)
    model, cells, device = inputs.folder("model"), inputs.folder("cells"), training_device(common, inputs)
    chosen = load_sae(inputs.folder("sae"), device)
    positions = read_positions(inputs.folder("activations"), cells, chosen.layer, device, common)
    starts = _starts(alternates(settings, common), chosen, positions, out.key)
    _train_and_judge(starts, positions, common, model, cells, out, device)
    every = [load_sae(out.path / untrained.sae_id, device) for untrained, _ in starts]
    if not out.has(OVERLAP):
        with out.unit(OVERLAP) as unit:
            numbers = {each.sae_id: living_features(each, positions) for each in (chosen, *every)}
            living = {each.sae_id: each.W_dec[numbers[each.sae_id]] for each in (chosen, *every)}
            unit.table("sae_overlap", overlaps(living, common.seed))
            unit.table("feature_twin", twins(chosen.sae_id, numbers, living, common.seed))
    return {"layer": chosen.layer, "n_saes": len(every)}


def living_features(sae: Sae, positions: Positions) -> Tensor:
    """Numbers [n] of the features that fire on held-out cells."""
    return torch.nonzero(count_fires(sae, positions.chunks(positions.heldout)) > 0).flatten()


def _starts(every: list[SaeSettings], chosen: Sae, positions: Positions, key: str) -> list[tuple[Sae, SaeSettings]]:
    """Untrained autoencoders, each under a name of its own."""
    dumps = [settings.model_dump(mode="json", exclude=set(MACHINE)) for settings in every]
    keys = [content_key({"folder": key, "settings": dump}) for dump in dumps]
    return [
        (untrained_sae(settings, chosen.layer, positions, chosen.model_id, own), settings)
        for settings, own in zip(every, keys, strict=True)
    ]


def _train_and_judge(
    starts: list[tuple[Sae, SaeSettings]],
    positions: Positions,
    common: SaeSettings,
    model: Path,
    cells: Path,
    out: StepFolder,
    device: str,
) -> None:
    """One unit an autoencoder; nothing is trained if all are written."""
    if not all(out.has(untrained.sae_id) for untrained, _ in starts):
        training = Training(starts, positions, common)
        label = f"{len(starts)} saes of layer {starts[0][0].layer}"
        every = zip(train_to_end(training, out, label), starts, strict=True)
        judge = Judge(positions, load_prepared(model, device), starts[0][0].layer, cells, common)
        with Progress(f"judging {label}", len(starts), unit="sae") as bar:
            for trained, (untrained, settings) in every:
                if not out.has(untrained.sae_id):
                    with out.unit(untrained.sae_id) as unit:
                        quality = judge.judge(trained.sae)
                        write_sae(trained, quality, positions, settings, unit, untrained.sae_id)
                bar.advance()
    drop_checkpoints(out)
