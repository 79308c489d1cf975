"""The work of step ``baselines``: one layer's autoencoder and four baselines, described alike on the same cells.

autoencoder            the study's, its kept firings at the sample's positions
neurons                signed neurons, as many active as features (``bases``)
pca                    signed principal axes of the sample's training positions, likewise
untrained_autoencoder  random directions, where training starts: what the shape of an autoencoder gives by itself
untrained_model        an autoencoder trained on states of the model with all weights drawn anew (``models.redraw``):
                       what tokens and architecture give without any learning of the model
"""

from collections.abc import Iterator
from typing import Any

import polars as pl
import torch
from torch import Tensor

from tasks.activations.extract import extract
from tasks.activations.reader import ActivationReader
from tasks.activations.settings import ActivationsSettings
from tasks.analyses.baselines.bases import chosen_firings, encoded, neurons, principal, untrained
from tasks.analyses.baselines.rates import libraries_of, rates
from tasks.analyses.baselines.sample import Sample, draw_sample
from tasks.analyses.baselines.step import BaselinesSettings
from tasks.analyses.subspace.axes import principal_axes
from tasks.analyses.subspace.rows import blocks
from tasks.analyses.subspace.work import active_features
from tasks.cells.reader import CellsReader
from tasks.codes.reader import CodesReader, Firings
from tasks.describe.settings import DescribeSettings
from tasks.models.load import load_prepared
from tasks.models.redraw import redraw
from tasks.references.reader import ReferencesReader
from tasks.sae import Sae, load_sae
from tasks.sae.settings import SaeSettings
from tasks.sae.training.checkpoints import drop_checkpoints, train_to_end
from tasks.sae.training.training import Training
from tasks.step import Info, Inputs
from tasks.store import StepFolder
from tasks.store.memory import require_memory

UNIT = "baselines"
WARMUP, DECAY = 0.05, 0.4  # shares of the steps, as in the default settings of step sae
COPIES = 14  # bytes of a number of the sample's states: two copies in half precision, and blocks at work
FIRING = 16  # bytes of a firing
SUMS = 24  # bytes of a feature and gene: count and total, of the sample and of one shuffled

Basis = tuple[str, Iterator[Firings], int, int | None]  # name, firings, number of features, steps of training


def describe_baselines(settings: BaselinesSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Describe one layer's features and baselines. Killed while it trains, it goes on from the last checkpoint.

    Raises RequestError for cells without a training or held-out part, and if the memory does not suffice.
    """
    sae = load_sae(inputs.folder("sae"), inputs.device)
    if not out.has(UNIT):
        activations = ActivationReader(inputs.folder("activations"))
        sample = draw_sample(activations, CellsReader(inputs.folder("cells")), settings.n_cells, settings.seed)
        needed = COPIES * sample.rows.size * sae.d_model + SUMS * sae.n_features * len(sample.axes.gene_id)
        needed += FIRING * sample.rows.size * active_features(sae, _row(inputs)["l0"])
        require_memory(needed, f"baselines of layer {sae.layer}", "lower baselines.n_cells")
        describe = inputs.sections.of(DescribeSettings)
        libraries = libraries_of(ReferencesReader(inputs.folder("references")).gene_sets(), sample.axes, describe)
        rows = []
        for basis, firings, n_features, n_steps in bases(settings, inputs, sae, activations, sample, out):
            found = rates(firings, n_features, sample, libraries, describe, settings.null_draws, settings.seed)
            rows.append({"sae_id": sae.sae_id, "basis": basis, **found, "n_steps": n_steps})
        sizes = {"n_cells": len(sample.labels), "n_positions": sample.rows.size}
        with out.unit(UNIT) as shard:
            shard.table("baseline", pl.DataFrame(rows, infer_schema_length=None).with_columns(**_literals(sizes)))
    drop_checkpoints(out)
    annotated = out.read_table("baseline").select("basis", "annotated_fraction")
    return {"sae_id": sae.sae_id, "annotated": dict(annotated.iter_rows())}


def bases(
    settings: BaselinesSettings,
    inputs: Inputs,
    sae: Sae,
    activations: ActivationReader,
    sample: Sample,
    out: StepFolder,
) -> Iterator[Basis]:
    """The autoencoder and its baselines, one after the other: states of one model are held at a time."""
    row = _row(inputs)
    k, n_features = active_features(sae, row["l0"]), sae.n_features
    codes = CodesReader(inputs.folder("codes"))
    yield "autoencoder", chosen_firings(iter(codes), sample.rows), n_features, row["n_steps"]
    axes = principal_axes(blocks(activations, sae.layer, sample.rows[sample.train.numpy()]), sae.d_model)
    hidden = sample.states(activations, sae.layer).to(inputs.device)
    for name, basis in (("neurons", neurons(axes, sae, k)), ("pca", principal(axes, sae, k))):
        yield name, encoded(basis, hidden), basis.n_features, None
    mean = torch.from_numpy(axes.mean).float().to(inputs.device)
    yield "untrained_autoencoder", encoded(untrained(sae, mean, k, settings.seed), hidden), n_features, 0
    del hidden
    states = untrained_states(settings, inputs, sae.layer, sample)
    trained, n_steps = train_on(settings, inputs.sections.of(SaeSettings), sae, k, sample, states, out)
    yield "untrained_model", encoded(trained, states), n_features, n_steps


def untrained_states(settings: BaselinesSettings, inputs: Inputs, layer: int, sample: Sample) -> Tensor:
    """States float16 [n, d] of the model with weights drawn anew, at the sample's positions."""
    adapter = load_prepared(inputs.folder("model"), inputs.device)
    redraw(adapter, settings.seed)
    batch_tokens = inputs.sections.of(ActivationsSettings).batch_tokens
    return extract(adapter, sample.tokens, sample.kept, [layer], batch_tokens)[layer].to(inputs.device)


def train_on(
    settings: BaselinesSettings,
    common: SaeSettings,
    like: Sae,
    k: int,
    sample: Sample,
    states: Tensor,
    out: StepFolder,
) -> tuple[Sae, int | None]:
    """An autoencoder of ``states`` as large and as sparse as ``like``, trained as the study trains; and its steps."""
    steps = min(settings.steps, common.steps)
    kept = {name: getattr(common, name) for name in ("batch", "lr", "clip", "auxk", "dead_after", "checkpoint_steps")}
    phases = {"warmup": int(WARMUP * steps), "decay": int(DECAY * steps)}
    chosen = SaeSettings(variant="topk", k=k, steps=steps, log_every=steps, seed=settings.seed, **kept, **phases)
    positions = sample.positions(states)
    start = untrained(like, positions.mean(positions.train), k, settings.seed)
    trained = train_to_end(Training([(start, chosen)], positions, chosen), out, f"untrained model, layer {like.layer}")
    return trained[0].sae, trained[0].n_steps


def _row(inputs: Inputs) -> dict[str, Any]:
    """What table ``sae`` says of the autoencoder."""
    return StepFolder.open(inputs.folder("sae")).read_table("sae").row(0, named=True)


def _literals(values: dict[str, int]) -> dict[str, pl.Expr]:
    return {name: pl.lit(value) for name, value in values.items()}
