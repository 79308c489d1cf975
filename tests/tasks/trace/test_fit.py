"""What autoencoders explain of the traced cells, and features of special tokens: dense sums and planted truth."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch

from tasks.sae import load_sae
from tasks.store import StepFolder
from tasks.trace.fit import measure_fit
from tasks.trace.inputs import load_inputs
from tasks.trace.settings import TraceSettings
from tasks.trace.trace import LayerTrace
from tasks.trace.wording import fit_range, fit_warnings
from tests.builders.contract import assert_contract
from tests.builders.planted_circuits import N_POSITIONS, Circuit
from tests.builders.planted_trace import settings_of
from tests.builders.saes import dense
from tests.tasks.trace.conftest import SETTINGS

CIRCUIT = Circuit(n_cells=12)


@pytest.fixture(scope="module")
def inputs(folders):
    return load_inputs(SETTINGS, 1, folders.saes, folders.model, folders.cells, {}, "cpu")


def every_position(inputs, layer) -> dict[str, torch.Tensor]:
    """Outputs of a layer at genes and at special tokens of the traced cells."""
    found = {"gene": [], "special": []}
    for cell in inputs.cells.values():
        hidden = list(inputs.adapter.blocks(inputs.adapter.embed(cell), 0, layer + 1))[-1][0]
        genes = inputs.adapter.is_gene(cell.tokens[0])
        found["gene"].append(hidden[genes])
        found["special"].append(hidden[~genes])
    return {kind: torch.cat(parts).double() for kind, parts in found.items()}


def test_explained_variance_is_that_of_all_positions_at_once(traced, inputs, folders):
    fit = traced.read_table("traced_fit")
    assert_contract(fit, "traced_fit")
    assert fit.select("layer", "positions").rows() == [(at, kind) for at in (1, 2, 3) for kind in ("gene", "special")]
    for row in fit.iter_rows(named=True):
        x, sae = every_position(inputs, row["layer"])[row["positions"]], load_sae(folders.saes[row["layer"]], "cpu")
        error = (sae.decode(sae.encode(x.float())).double() - x).square().sum()
        assert row["explained"] == pytest.approx(1 - float(error / (x - x.mean(0)).square().sum()), rel=1e-5)
        assert row["n_positions"] == len(x)


def test_firing_is_counted_at_genes_and_at_special_tokens(traced, inputs, folders):
    sources, sae = traced.read_table("trace_source"), load_sae(folders.saes[1], "cpu")
    assert_contract(sources, "trace_source")
    codes = {kind: dense(sae.encode(x.float()), 24).double() for kind, x in every_position(inputs, 1).items()}
    rows = sources["source_feature"].to_list()
    for kind in ("gene", "special"):
        rate = (codes[kind] > 0).double().mean(0)[rows]
        np.testing.assert_allclose(sources[f"{kind}_rate"], rate)
    squares = {kind: each.square().sum(0) for kind, each in codes.items()}
    share = (squares["special"] / (squares["gene"] + squares["special"]))[rows]
    np.testing.assert_allclose(sources["special_share"], share, rtol=1e-5)
    living = traced.read_table("trace_pair")["source_feature"].unique().sort()
    assert sources.filter("selected")["source_feature"].equals(living)
    assert sources.filter("selected").equals(sources.filter(pl.col("gene_rate") > 0))


@pytest.fixture(scope="module")
def with_start_tokens(tmp_path_factory):
    """A planted circuit whose first token of every cell is special: source 0 is active there alone, source 1 mostly."""
    given = CIRCUIT.inputs(0)
    starts = torch.arange(len(given.adapter.table)) % N_POSITIONS == 0
    table = given.adapter.table
    table[:, 0] = starts.float() * 3
    table[:, 1] = starts.float() * 3 + (~starts).float() * 0.1
    given.adapter.is_gene = lambda tokens: tokens % N_POSITIONS != 0
    folder = tmp_path_factory.mktemp("runs") / "trace-1"
    with StepFolder.create(folder) as out:
        trace = LayerTrace(settings_of(CIRCUIT), given, out)
        trace.run()
        out.finish(**trace.info())
    return StepFolder.open(folder)


def test_features_of_special_tokens_are_found_and_make_no_edge(with_start_tokens):
    """Source 0 fires on special tokens alone: it is shown, and cannot be traced. Source 1 fires at genes as well."""
    sources = with_start_tokens.read_table("trace_source")
    found = sources.select("source_feature", "special", "selected").rows()
    assert found == [(0, True, False), (1, True, True), (2, False, True), (3, False, True)]
    assert sources["special_share"].to_list()[0] == 1
    assert sources["gene_rate"].to_list()[0] == 0
    for table in ("trace_pair", "edge_stat"):
        assert 0 not in with_start_tokens.read_table(table)["source_feature"].to_list()
    positions = with_start_tokens.read_table("trace_pair").filter(source_feature=1)["n_positions"]
    assert positions.max() == N_POSITIONS - 1  # the special token is left as it is
    largest = with_start_tokens.read_table("trace_pair").filter(source_feature=1)["activation_max"].max()
    assert largest == pytest.approx(0.1)


def test_a_domain_shift_is_said_before_the_trace_starts(inputs, tmp_path):
    """An autoencoder that explains less of the cells: the trace says which one and how much."""
    shifted = replace(inputs.source, b_dec=inputs.source.b_dec + 10 * torch.randn(32, generator=torch.manual_seed(0)))
    given = replace(inputs, source=shifted)
    before, after = (measure_fit(each).explained[1, "gene"].share for each in (inputs, given))
    assert after < before - 0.5
    settings = SETTINGS.model_copy(update={"least_explained": -1.0})
    with StepFolder.create(tmp_path / "trace-1") as out:
        trace = LayerTrace(settings, given, out)
        fit = trace.sources.fit
        assert list(fit_warnings(fit, -1e9)) == []
        (line,) = [line for line in fit_warnings(fit, after + 1e-6) if inputs.source.sae_id in line]
        assert f"explains {after:.2f} of the variance in the traced cells" in line
        assert "trace.least_explained" in line
    assert "of the variance in the traced cells" in fit_range(fit)


def test_nothing_of_this_is_part_of_a_key():
    from tasks.trace.step import STEP

    assert "least_explained" in STEP.apart
    assert TraceSettings().least_explained == 0.5
