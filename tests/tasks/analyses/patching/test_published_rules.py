"""Both published rules by whole passes of the model, with codes changed densely and no code of the step."""

import pytest
import torch

from tasks.analyses.patching.features import Patched
from tasks.analyses.patching.published import Published, pooled
from tasks.causal.tiles import TiledEncoder
from tasks.models import load_adapter
from tasks.models.batches import Batch
from tasks.models.splice import run_spliced
from tests.builders.models import tiny_geneformer
from tests.builders.saes import random_topk
from tests.builders.scgpt_files import symbols, tiny_scgpt

LAYER, N_TOKENS = 1, 24


def setting(adapter, values=None):
    """A cell and a few features, those that fire at most genes, whose own genes are every third of the cell."""
    tokens = torch.tensor(sorted(adapter.vocabulary.token_of.values()))[:N_TOKENS]
    cell, sae = Batch.of(tokens, values), random_topk(adapter.info.d_model, 24, 4, layer=LAYER)
    own = tuple(tokens[::3].tolist())
    return cell, sae, [Patched(one, 0.1, frozenset(own), own, 0, None, frozenset(), None) for one in range(12)]


@torch.inference_mode()
def ends(adapter, sae, cell, feature, *, error_kept):
    """Last outputs at genes [G, d] of the cell as it is and without the feature, and where the feature fires [G]."""
    gene, fires = adapter.is_gene(cell.tokens), []

    def without(states):
        codes = sae.encode(states)
        own = torch.where(codes.indices == feature, codes.values, 0.0).sum(-1)
        fires.append(own > 0)
        rebuilt = sae.decode(codes) - own[:, None] * sae.W_dec[feature]
        return states - own[:, None] * sae.W_dec[feature] if error_kept else rebuilt

    found = [run_spliced(adapter, cell, gene, one)[gene] for one in (None, (sae.layer, without))]
    return *found, fires[0]


def test_logits_of_shown_genes_by_whole_passes(tmp_path):
    adapter = load_adapter(tiny_geneformer(tmp_path / "geneformer"))
    cell, sae, patched = setting(adapter)
    sums = Published("published_geneformer", adapter, TiledEncoder(sae), patched, 0).sums(5, cell)
    rows = {row["feature"]: row for row in sums.to_dicts()}
    seen = 0
    for one in patched:
        before, after, fires = ends(adapter, sae, cell, one.feature, error_kept=True)
        assert (one.feature in rows) == bool(fires.any())
        if not fires.any():
            continue
        tokens = cell.tokens[0][adapter.is_gene(cell.tokens[0])]
        change = (adapter.predict(after) - adapter.predict(before)).gather(1, tokens[:, None])[:, 0].double()
        own = torch.isin(tokens, torch.tensor(one.published))
        row, seen = rows[one.feature], seen + 1
        assert (row["n_target"], row["n_other"]) == (int((fires & own).sum()), int((fires & ~own).sum()))
        assert row["target"] == pytest.approx(float(change[fires & own].sum()), abs=1e-5)
        assert row["other"] == pytest.approx(float(change[fires & ~own].sum()), abs=1e-5)
    assert seen > 3
    for row in pooled(sums).to_dicts():
        assert row["target_effect"] == pytest.approx(rows[row["feature"]]["target"] / rows[row["feature"]]["n_target"])


def test_lengths_of_displacements_by_whole_passes(tmp_path):
    """Values are all 1, whatever the cell's; as many others are drawn as there are own genes: here all of them."""
    adapter = load_adapter(tiny_scgpt(tmp_path / "scgpt", symbols(30)))
    values = torch.randint(1, 40, (N_TOKENS,), generator=torch.Generator().manual_seed(0)).float()
    cell, sae, patched = setting(adapter, values)
    half = tuple(cell.tokens[0, ::2].tolist())
    patched = [Patched(one.feature, 0.1, frozenset(half), half, 0, None, frozenset(), None) for one in patched[:4]]
    rows = Published("published_scgpt", adapter, TiledEncoder(sae), patched, 0).sums(5, cell).to_dicts()
    assert [row["feature"] for row in rows] == [0, 1, 2, 3]
    ones = Batch.of(cell.tokens[0], torch.ones(N_TOKENS))
    own = torch.isin(cell.tokens[0], torch.tensor(half))
    for row in rows:
        before, after, _ = ends(adapter, sae, ones, row["feature"], error_kept=False)
        length = (after - before).norm(dim=1).double()
        assert row["target"] == pytest.approx(float(length[own].mean()), rel=1e-4)
        assert row["other"] == pytest.approx(float(length[~own].mean()), rel=1e-4)
        assert row["target"] > 1e-3
