"""What an intervention does in one cell, and what its controls do.

Treatments: real, as the study names it; zero, nothing is added; random_direction and covariance_matched, the same
activations along fixed directions of the same length; frequency_matched, the same change of features that fire about as
often; reconstruction, no feature changed, outputs of the changed layers replaced by what autoencoders make of them. Of
a cell, each is read as a difference from the undisturbed one:

    gene       fit (``interventions.readout``) of each named gene that the cell has, all of them hidden together
    hidden     mean fit over a random share of hidden genes
    kl         mean divergence of the predictions there, in nat
    embedding  1 - cosine of the cell's embedding before and after; length: of the shift, relative to the embedding's
    feature    mean code over all genes of the cell; layers before the intervention are not read
    signature, marker, probability    levels of the scores that the study names (``scores``)
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cosine_similarity

from tasks.analyses.intervene.inputs import InterveneInputs, Intervention
from tasks.analyses.intervene.scores import Score
from tasks.analyses.intervene.step import SCORES, InterveneSettings
from tasks.analyses.intervene.summary import Key
from tasks.interventions.copies import Copies
from tasks.interventions.hidden import HiddenGenes, draw_rounds, hide
from tasks.interventions.joint import Joint, Plan, states_of
from tasks.interventions.readout import divergence, embedding, fit, mean_codes, predict
from tasks.interventions.states import read_states
from tasks.models.batches import Batch

HIDDEN = 8  # stream of the seed
Value = tuple[str, str, float]  # read-out, item and value
Row = dict[str, str | int | float]


@dataclass(frozen=True)
class Treatments:
    """One intervention along the directions [F, d] of each treatment and layer, on the CPU."""

    intervention: Intervention
    inputs: InterveneInputs
    directions: Mapping[str, Mapping[int, Tensor]]

    def of(self, copies: Copies) -> dict[str, Plan]:
        """What is done to a cell, by treatment."""
        own, real = self.intervention.changes, self.directions["real"]
        joint = Joint(own, self.inputs.encoders)
        found = {"zero": Plan.nothing(copies)}
        found |= {name: joint.plan(copies, rows) for name, rows in self.directions.items()}
        matched = self.intervention.matched
        if len(matched) == len(own):
            others = [replace(one, feature=matched[one.layer, one.feature]) for one in own]
            found["frequency_matched"] = Joint(others, self.inputs.encoders).plan(copies, real)
        return found | {"reconstruction": joint.reconstruction(copies)}


@dataclass(frozen=True)
class Cell:
    """One cell and all that is done in it; ``scores`` are those that the study names."""

    settings: InterveneSettings
    inputs: InterveneInputs
    scores: list[Score]
    cell_id: int
    batch: Batch

    def rows(self, treatments: Treatments, null: dict[Key, NDArray[np.float64]]) -> Iterator[Row]:
        """intervention, treatment, readout, item and value of one intervention.

        ``null`` gets what scores of exchanged labels, [R] with the true one first, say of the intervention.
        """
        intervention = treatments.intervention
        for shown in self._shown():
            copies = self._copies(intervention.first, shown)
            plans, layers = treatments.of(copies), self._layers(intervention.first, shown)
            states = dict(zip(plans, states_of(copies, list(plans.values()), layers), strict=True))
            clean = states["zero"] if shown is None else {self._last: copies.final}
            for name, found in states.items():
                values = [*self._read(shown, clean, found)]
                if shown is None:
                    scored = self._scored(clean, found)
                    values += [(*key, float(levels[0])) for key, levels in scored.items()]
                    null |= {(intervention.name, *key): levels for key, levels in scored.items() if name == "real"}
                about: Row = {"intervention": intervention.name, "treatment": name}
                yield from (about | {"readout": one, "item": item, "value": value} for one, item, value in values)

    def _scored(self, clean: dict[int, Tensor], found: dict[int, Tensor]) -> dict[tuple[str, str], NDArray[np.float64]]:
        """By read-out and score, the difference of levels [R]."""
        if not self.scores:
            return {}
        states = read_states(self.inputs.adapter, [clean[self._last], found[self._last]], self.batch)
        return {
            (readout, score.name): level[1] - level[0]
            for score in self.scores
            for readout, level in score.levels(states).items()
        }

    @property
    def _last(self) -> int:
        return self.inputs.adapter.info.n_layers - 1

    @property
    def _genes(self) -> Tensor:
        return self.inputs.adapter.is_gene(self.batch.tokens[0]).nonzero().flatten()

    def _shown(self) -> Iterator["Shown | None"]:
        """The cell as it is (None), with the named genes hidden, and with a share of all."""
        asked, adapter = set(self.settings.readouts), self.inputs.adapter
        if asked & {"embedding", "feature", *SCORES}:
            yield None
        if "gene" in asked:
            tokens = torch.tensor(list(self.inputs.tokens.values()), device=self.batch.tokens.device)
            at = torch.isin(self.batch.tokens[0], tokens).nonzero().flatten()
            if len(at):
                yield Shown("gene", hide(adapter, self.batch, at))
        if asked & {"hidden", "kl"}:
            seed = [self.settings.seed, HIDDEN, self.cell_id]
            at = draw_rounds(self._genes, self.settings.hidden_share, 1, seed)[0]
            yield Shown("hidden", hide(adapter, self.batch, at))

    def _copies(self, layer: int, shown: "Shown | None") -> Copies:
        cell, genes = (self.batch, self._genes) if shown is None else (shown.hidden.shown, shown.hidden.genes)
        return Copies.of(self.inputs.adapter, layer, self.inputs.encoders[layer], cell, genes)

    def _layers(self, layer: int, shown: "Shown | None") -> set[int]:
        read = {one.layer for one in self.settings.read_features if one.layer >= layer and shown is None}
        return {self._last, *read}

    def _read(self, shown: "Shown | None", clean: dict[int, Tensor], found: dict[int, Tensor]) -> Iterator[Value]:
        if shown is None:
            yield from self._cell(clean, found)
            return
        adapter, hidden = self.inputs.adapter, shown.hidden
        before, after = (predict(adapter, states[self._last], hidden.shown, hidden.asked) for states in (clean, found))
        change = (fit(after, hidden.truth) - fit(before, hidden.truth)).double().cpu()
        if shown.what == "gene":
            name = {token: gene for gene, token in self.inputs.tokens.items()}
            yield from (
                ("gene", name[token], float(one)) for token, one in zip(hidden.tokens.tolist(), change, strict=True)
            )
            return
        if "hidden" in self.settings.readouts:
            yield "hidden", "mean", float(change.mean())
        apart = divergence(before, after)
        if "kl" in self.settings.readouts and apart is not None:
            yield "kl", "mean", float(apart.double().mean())

    def _cell(self, clean: dict[int, Tensor], found: dict[int, Tensor]) -> Iterator[Value]:
        if "embedding" in self.settings.readouts:
            before, after = (
                embedding(self.inputs.adapter, states[self._last], self.batch).double() for states in (clean, found)
            )
            same = bool(torch.equal(before, after))
            yield "embedding", "cosine", 0.0 if same else float(1 - cosine_similarity(before, after, dim=0))
            yield "embedding", "length", float((after - before).norm() / before.norm())
        for one in self.settings.read_features:
            if one.layer in found:
                encoder = self.inputs.encoders[one.layer]
                before, after = (
                    mean_codes(encoder, states[one.layer][self._genes])[one.feature] for states in (clean, found)
                )
                yield "feature", f"L{one.layer:02d}_F{one.feature}", float(after - before)


@dataclass(frozen=True)
class Shown:
    """A cell with hidden genes, and what for: ``gene`` or ``hidden``."""

    what: str
    hidden: HiddenGenes
