"""A linear model with three planted features, and one finished patching of it."""

import numpy as np
import pytest
import torch

from tasks.analyses.patching.features import Patched
from tasks.analyses.patching.inputs import PatchingInputs
from tasks.analyses.patching.step import PatchingSettings
from tasks.analyses.patching.work import Patching
from tasks.steps import step_named
from tasks.store import StepFolder
from tests.builders.linear_head import D, LinearHead, orthonormal_sae, random_batches

N_GENES, LENGTH = 80, 60
ALIGNED, ISOTROPIC, RANDOM, SPARE = 0, 1, 2, 3
MEMBERS = frozenset(range(4, 24))
OWN = frozenset(range(24, 34))
SETTINGS = PatchingSettings(
    wanted=True,
    hidden_share=0.2,
    rounds=2,
    rules=("published_geneformer",),
    targets=("term", "train", "own"),
    n_targets=20,
)


def planted_model(seed=0, predicts="genes"):
    """Axis ALIGNED points to the heads of MEMBERS; axis ISOTROPIC is the same in all heads, larger at genes OWN."""
    rng = torch.Generator().manual_seed(seed)
    embedding, context, head = (torch.randn(N_GENES + 4, D, generator=rng) for _ in range(3))
    embedding[:, ALIGNED] = 1.0
    embedding[:, ISOTROPIC] = 1.0
    embedding[sorted(OWN), ISOTROPIC] = 3.0
    embedding[:, [RANDOM, SPARE]] = 2.0
    context[:, [ALIGNED, RANDOM, SPARE]] *= 0.5
    context[:, ISOTROPIC] = 0.0
    head[sorted(MEMBERS)] += torch.randn(D, generator=rng)  # genes of a set are alike: what moves one moves all
    head[:, ALIGNED] = 0.0
    head[sorted(MEMBERS), ALIGNED] = 2.0
    head[:, ISOTROPIC] = 1.0
    return LinearHead(embedding, context, head, predicts)


def planted_inputs(adapter):
    patched = [
        Patched(feature, 0.5, OWN, tuple(sorted(OWN)), 1, "a term", MEMBERS, SPARE)
        for feature in (ALIGNED, ISOTROPIC, RANDOM)
    ]
    return PatchingInputs(
        adapter,
        orthonormal_sae(),
        patched,
        random_batches(12, N_GENES, LENGTH, seed=1),
        random_batches(16, N_GENES, LENGTH, seed=2),
        None,
        np.zeros(N_GENES + 4),
        {token: f"G{token}" for token in range(4, N_GENES + 4)},
    )


def run(inputs, folder, settings=SETTINGS):
    with StepFolder.create(folder, step_named("patching").tables) as out:
        patching = Patching(settings, inputs, out)
        patching.run()
        out.finish([], **patching.info())
    return StepFolder.open(folder)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    inputs = planted_inputs(planted_model())
    return inputs, run(inputs, tmp_path_factory.mktemp("runs") / "patching-0123456789abcdef")
