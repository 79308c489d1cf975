"""One cell: costs are what can be written down, a silent feature costs exactly nothing, whole passes give the same."""

import numpy as np
import pytest
import torch

from tasks.analyses.damage.arms import Arms
from tasks.analyses.damage.cell import Bench, cell_rows, show
from tasks.causal.tiles import TiledEncoder
from tasks.cells.reader import CellsReader
from tasks.interventions.hidden import draw_rounds, hide
from tasks.models import load_adapter
from tasks.models.batches import Batch, one_cell
from tasks.models.splice import run_spliced
from tasks.sae import load_sae
from tests.builders.planted_damage import FIRST_GENE, head_model
from tests.builders.saes import dense, random_topk
from tests.builders.scgpt_files import symbols, tiny_scgpt
from tests.builders.trace import write_trace_folders

SHARE, SEED = 0.2, [0]


def rows_of(adapter, sae, cell, arms):
    hubs, generator = len(arms.hubs), torch.Generator().manual_seed(1)
    drawn = torch.randn(2, hubs, sae.d_model, generator=generator)
    controls = dict(zip(("random_direction", "covariance_matched"), drawn, strict=True))
    bench = Bench(adapter, TiledEncoder(sae), arms, controls)
    rows = cell_rows(bench, show(bench, cell, SHARE, SEED), 7)
    return {(row["arm"], row["change"], row["place"]): row for row in rows}, controls


def cost(row):
    return row["ce_ablated"] - row["ce_clean"]


@pytest.fixture(scope="module")
def planted():
    model, sae = head_model()
    cell = Batch.of(torch.randperm(20, generator=torch.Generator().manual_seed(3)) + FIRST_GENE)
    arms = Arms([0, 1, 2], [3, 7], {0: 4, 2: 5})
    return model, sae, cell, arms, *rows_of(model, sae, cell, arms)


def written_down(planted, displaced):
    """Mean loss at the hidden genes of states that ``displaced`` changes, without any of the code under test."""
    model, sae, cell, *_ = planted
    at = draw_rounds(torch.arange(cell.width), SHARE, 1, SEED)[0]
    states = model.embed(hide(model, cell, at).shown)[0]
    codes = (states @ sae.W_enc + sae.b_enc).clamp_min(0)
    logits = (states + displaced(states, codes)) @ model.head
    losses = torch.logsumexp(logits, 1) - logits[torch.arange(cell.width), cell.tokens[0]]
    return float(losses[at].mean())


def test_what_a_feature_costs_can_be_written_down(planted):
    _, sae, _, arms, rows, controls = planted
    clean = written_down(planted, lambda states, codes: torch.zeros_like(states))
    for arm, own in arms.features.items():
        for place, feature in own.items():
            row = rows[arm, "ablated", place]
            gone = written_down(planted, lambda _, codes, f=feature: -codes[:, f, None] * sae.W_dec[f])
            assert (row["ce_clean"], row["ce_ablated"]) == (
                pytest.approx(clean, abs=1e-5),
                pytest.approx(gone, abs=1e-5),
            )
    for name, directions in controls.items():
        gone = written_down(planted, lambda _, codes, v=directions[1]: -codes[:, 1, None] * v)
        assert rows["hub", name, 2]["ce_ablated"] == pytest.approx(gone, abs=1e-5)
    whole = written_down(planted, lambda _, codes: -codes[:, arms.hubs] @ sae.W_dec[arms.hubs])
    assert rows["hub", "ablated", 0]["ce_ablated"] == pytest.approx(whole, abs=1e-5)
    made = written_down(planted, lambda states, codes: codes @ sae.W_dec - states)
    assert rows["autoencoder", "reconstruction", 0]["ce_ablated"] == pytest.approx(made, abs=1e-5)
    assert max(abs(cost(row)) for row in rows.values()) > 0.1


def test_a_silent_feature_and_nothing_cost_exactly_nothing(planted):
    rows = planted[4]
    silent, nothing = rows["random", "ablated", 2], rows["hub", "zero", 0]
    assert (silent["feature"], silent["active"], silent["n_positions"], cost(silent)) == (7, False, 0, 0.0)
    assert (nothing["active"], cost(nothing)) == (True, 0.0)


def test_a_match_has_the_place_of_its_hub(planted):
    rows = planted[4]
    assert {key[2]: row["feature"] for key, row in rows.items() if key[0] == "matched"} == {0: None, 1: 4, 3: 5}
    assert len({(row["n_masked"], row["ce_clean"]) for row in rows.values()}) == 1


@torch.inference_mode()
def whole_pass(adapter, sae, cell, feature):
    """The slow twin: every block, all codes decoded, the feature's code put to zero at every gene, hidden or not."""
    genes = adapter.is_gene(cell.tokens)
    hidden = hide(adapter, cell, draw_rounds(genes[0].nonzero().flatten(), SHARE, 1, SEED)[0])

    def gone(states):
        codes = dense(sae.encode(states), sae.n_features)
        changed = codes.clone()
        changed[:, feature] = 0
        return states + (changed - codes) @ sae.W_dec

    final = run_spliced(adapter, hidden.shown, genes, (sae.layer, gone))[0]
    found = adapter.predict(final[hidden.at])
    if adapter.predicts == "values":
        return float(((found - hidden.truth) ** 2).mean())
    return float(torch.nn.functional.cross_entropy(found, hidden.truth))


def compare(adapter, sae, cell):
    arms = Arms([0, 1, 2, 3], [4, 5, 6], {0: 7, 1: 8})
    rows, _ = rows_of(adapter, sae, cell, arms)
    for arm, own in arms.features.items():
        for place, feature in own.items():
            slow = whole_pass(adapter, sae, cell, feature)
            assert rows[arm, "ablated", place]["ce_ablated"] == pytest.approx(slow, abs=2e-5, rel=1e-6)
    costs = [cost(row) for key, row in rows.items() if key[1:] != ("zero", 0)]
    assert np.abs(costs).max() > 1e-3
    return rows


def test_a_model_of_ranks_by_whole_passes(tmp_path):
    folders = write_trace_folders(tmp_path, lengths=[40, 30])
    cell = one_cell(CellsReader(folders.cells).tokens(), 0)
    rows = compare(load_adapter(folders.model_dir), load_sae(folders.saes[1]), cell)
    assert all(row["n_right_clean"] <= row["n_masked"] for row in rows.values())


def test_a_model_of_values_by_whole_passes(tmp_path):
    adapter = load_adapter(tiny_scgpt(tmp_path / "scgpt", symbols(30)))
    genes = torch.tensor(sorted(adapter.vocabulary.token_of.values()))[:24]
    values = torch.randint(1, 40, (24,), generator=torch.Generator().manual_seed(0)).float()
    sae = random_topk(adapter.info.d_model, 24, 4, layer=0)
    rows = compare(adapter, sae, Batch.of(genes, values))
    assert all(row["n_right_clean"] is None for row in rows.values())
