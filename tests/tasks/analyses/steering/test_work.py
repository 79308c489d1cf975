"""The step on a tiny model: contracts, values by a plain run of the model, the last layer, resume, numbers."""

import numpy as np
import polars as pl
import pytest
import torch

from tasks.analyses.steering.inputs import load_inputs
from tasks.analyses.steering.work import Steering
from tasks.cells.reader import CellsReader
from tasks.models import load_adapter
from tasks.models.batches import one_cell
from tasks.models.splice import run_spliced
from tasks.sae import load_sae
from tasks.section import Sections
from tasks.step import Inputs
from tasks.steps import step_named
from tasks.store import StepFolder
from tasks.vocabulary.directory import model_directory
from tests.builders.contract import assert_contract
from tests.builders.killed import Killed, ended_after, shard_hashes
from tests.tasks.analyses.steering.conftest import SETTINGS, steer

KEY = ["layer", "feature", "arm", "multiplier", "readout"]


@pytest.mark.parametrize("table", step_named("steering").tables)
def test_tables_keep_their_contract_and_have_rows(steered, table):
    frame = steered.read_table(table)
    assert_contract(frame, table)
    assert frame.height > 0


def test_no_cell_does_two_things(steered):
    cells = steered.read_table("steering_cell")
    assert cells.filter(
        (pl.col("chooses").cast(int) + pl.col("fits").cast(int) + pl.col("steered").cast(int)) > 1
    ).is_empty()
    assert cells.filter("steered").height == 8 == steered.info["n_cells"]


def inputs_of(planted):
    reads = {name: {None: one} if not isinstance(one, dict) else one for name, one in planted.reads.items()}
    return load_inputs(SETTINGS, Inputs(Sections({}), reads))


@pytest.fixture(scope="module")
def steering(planted, steered):
    return Steering(SETTINGS, inputs_of(planted), steered)


def test_values_are_those_of_a_whole_run_with_the_feature_scaled(planted, steered, steering):
    """Each value again: the layer's codes are scaled densely in a plain forward pass of the whole model."""
    adapter = load_adapter(model_directory(planted.model))
    tokens = CellsReader(planted.cells).tokens()
    bank, rows = steering.learnt.bank, steered.read_table("steering_value").filter(arm="feature", multiplier=5.0)
    saes = {layer: load_sae(folder) for layer, folder in planted.saes.items()}
    for (layer, feature, cell_id), part in list(rows.group_by("layer", "feature", "cell_id", maintain_order=True))[::6]:
        cell = one_cell(tokens, int(np.flatnonzero(tokens.cell_id == cell_id)[0]))
        gene, sae = adapter.is_gene(cell.tokens), saes[layer]

        def scaled(hidden, sae=sae, feature=feature):
            codes = sae.encode(hidden)
            active = torch.where(codes.indices == feature, codes.values, 0.0).sum(1)
            return hidden + 4 * active[:, None] * sae.W_dec[feature]

        levels = []
        for replacement in (None, (layer, scaled)):
            with torch.inference_mode():
                final = run_spliced(adapter, cell, gene, replacement)
                logits = adapter.predict(final[gene]).double().mean(0).numpy()
                embedding = adapter.embed_cells(final, cell)[0].double().numpy()
            levels.append((logits, embedding))
        (clean, before), (moved, after) = levels
        w = bank.pseudotime.weights[0]
        own = dict(part.select("readout", "value").iter_rows())
        assert own["pseudotime"] == pytest.approx(w @ (after - before), abs=1e-6)
        odds = [bank.probability.weights[0] @ one + bank.probability.offsets[0] for one in (before, after)]
        assert own["probability"] == pytest.approx(np.diff(1 / (1 + np.exp(-np.array(odds))))[0], abs=1e-6)
        ends = bank.signatures["signature"]

        def sign(z, ends=ends):
            return [z @ end[0] / np.linalg.norm(z) / np.linalg.norm(end[0]) for end in (ends.late, ends.early)]

        (late, early), (late_0, early_0) = sign(moved), sign(clean)
        assert own["signature"] == pytest.approx(late - early - late_0 + early_0, abs=1e-6)
        markers = [
            steering.genes.filter(pl.col("symbol").is_in(names))["token_id"].to_numpy()
            for names in (("SYM40", "SYM41"), ("SYM5", "SYM6"))
        ]
        change = moved - clean
        assert own["marker"] == pytest.approx(change[markers[0]].mean() - change[markers[1]].mean(), abs=1e-5)


def test_at_the_last_layer_a_probe_moves_as_the_weights_say(planted, steered, steering):
    """(alpha - 1) mean(a) w.W: the executed values equal it to 1e-6, have one sign, and are marked."""
    values = steered.read_table("steering_value").filter(layer=2, readout="pseudotime", arm="feature")
    sae, weights = load_sae(planted.saes[2]), steering.learnt.bank.pseudotime.weights[0]
    tokens, adapter = CellsReader(planted.cells).tokens(), steering.inputs.adapter
    assert values.height > 20
    for row in values.iter_rows(named=True):
        cell = one_cell(tokens, int(np.flatnonzero(tokens.cell_id == row["cell_id"])[0]))
        gene = adapter.is_gene(cell.tokens)
        with torch.inference_mode():
            codes = sae.encode(run_spliced(adapter, cell, gene, None)[gene])
        mean = float(torch.where(codes.indices == row["feature"], codes.values, 0.0).sum() / gene.sum())
        closed = (row["multiplier"] - 1) * mean * (weights @ sae.W_dec[row["feature"]].double().numpy())
        assert row["value"] == pytest.approx(closed, abs=1e-6)
        assert row["dose"] == pytest.approx(
            (row["multiplier"] - 1) * mean * float(sae.W_dec[row["feature"]].norm()), rel=1e-5
        )
    summary = steered.read_table("steering_summary")
    tested = summary.filter(~pl.col("degenerate") & (pl.col("readout") != "signature"), arm="feature")
    assert tested["p"].null_count() == tested["q"].null_count() == 0
    assert summary["p"].count() == tested.height
    marked = summary.filter("degenerate")
    assert set(marked["readout"]) == {"probability", "pseudotime"}
    assert set(marked["layer"]) == {2}
    assert marked.filter(arm="feature")["fraction_positive"].is_in([0.0, 1.0]).all()
    assert marked["q"].null_count() == marked["q_cells"].null_count() == marked.height


def test_controls_add_as_much_in_the_same_cells(steered):
    values = steered.read_table("steering_value")
    own = values.filter(arm="feature")
    for arm in ("random", "signs", "covariance"):
        both = own.join(
            values.filter(arm=arm), on=["layer", "feature", "multiplier", "readout", "cell_id"], suffix="_control"
        )
        assert both.height == values.filter(arm=arm).height
        assert both["dose_control"].to_numpy() == pytest.approx(both["dose"].to_numpy(), rel=1e-5)
        assert (both["value"] != both["value_control"]).mean() > 0.95


def test_nothing_does_exactly_nothing_and_the_reconstruction_is_that_of_a_whole_run(planted, steered, steering):
    """Both stand beside every feature in the cells where it is active, at the multipliers that all features have."""
    values = steered.read_table("steering_value")
    own = values.filter(pl.col("multiplier").is_in(SETTINGS.multipliers), arm="feature")
    key = ["layer", "feature", "multiplier", "readout", "cell_id"]
    for arm in ("zero", "reconstruction"):
        beside = values.filter(arm=arm)
        assert beside.height == own.height == beside.join(own, on=key).height
    zero = values.filter(arm="zero")
    assert zero["value"].unique().to_list() == zero["dose"].unique().to_list() == [0.0]
    adapter, tokens = load_adapter(model_directory(planted.model)), CellsReader(planted.cells).tokens()
    weights, seen = steering.learnt.bank.pseudotime.weights[0], 0
    rebuilt = values.filter(arm="reconstruction", readout="pseudotime").unique(["layer", "cell_id"])
    for row in rebuilt.iter_rows(named=True):
        sae, cell = load_sae(planted.saes[row["layer"]]), one_cell(tokens, cell_place(tokens, row["cell_id"]))
        gene, ends = adapter.is_gene(cell.tokens), []
        for replacement in (None, (row["layer"], lambda hidden, sae=sae: sae.decode(sae.encode(hidden)))):
            with torch.inference_mode():
                final = run_spliced(adapter, cell, gene, replacement)
                ends.append(adapter.embed_cells(final, cell)[0].double().numpy())
        assert row["value"] == pytest.approx(weights @ (ends[1] - ends[0]), abs=1e-6)
        seen += abs(row["value"]) > 1e-4
    assert seen > 4
    summary = steered.read_table("steering_summary")
    assert summary.filter(arm="zero")["per_dose"].null_count() == summary.filter(arm="zero").height > 0
    assert not summary.filter(arm="reconstruction")["degenerate"].any()
    named = {*steered.read_table("steering_contrast")["contrast"], *steered.read_table("layer_gradient")["arm"]}
    assert not any("zero" in name or "reconstruction" in name for name in named)


def cell_place(tokens, cell_id):
    return int(np.flatnonzero(tokens.cell_id == cell_id)[0])


def test_killed_between_units_the_tables_come_out_the_same(planted, steered, tmp_path):
    expected = shard_hashes(steered.path)
    folder = tmp_path / "steering-1"
    with pytest.raises(Killed), ended_after(len(steered.lines) - 2):  # the last cells and the summary are missing
        steer(planted, folder)
    assert not StepFolder(folder).done
    assert shard_hashes(steer(planted, folder)) == expected
