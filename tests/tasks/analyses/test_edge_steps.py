"""Steps of edges on folders: tables keep their contracts and count the edges of the trace."""

import polars as pl
import pytest

from tasks.analyses.coherence.step import CoherenceSettings
from tasks.analyses.consensus.step import STEP as CONSENSUS
from tasks.analyses.consensus.step import ConsensusSettings
from tasks.analyses.domains.step import DomainsSettings
from tasks.analyses.hubs.step import HubsSettings
from tasks.analyses.tails.step import TailsSettings
from tasks.section import Sections
from tasks.step import Inputs, run_unit
from tasks.steps import step_named
from tasks.store import RequestError, StepFolder
from tasks.trace.settings import TraceSettings
from tests.builders.contract import assert_contract
from tests.builders.steps import do_step
from tests.builders.study_shards import make_study

SETTINGS = {
    "coherence": CoherenceSettings(wanted=True, n_draws=99, criterion="published"),
    "domains": DomainsSettings(wanted=True, n_draws=99, criterion="published", min_edges=1),
    "tails": TailsSettings(wanted=True, n_draws=20, rules=["exact", "published"], criterion="published"),
    "hubs": HubsSettings(wanted=True, n_draws=99, top=[5], criterion="published"),
}
TABLES = {step: step_named(step).tables for step in SETTINGS}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    _, folders = make_study(tmp_path_factory.mktemp("study"), n_features=60)
    described = [folder for folder in folders if folder.name.startswith("describe")]
    trace, model = (next(one for one in folders if one.name.startswith(step)) for step in ("trace", "model-"))
    return trace, dict(enumerate(described)), model


def run(study, step, folder, **changes):
    trace, described, model = study
    settings = SETTINGS[step].model_copy(update=changes)
    whole = {"layer": None, "modules": {}, "model": model} if step == "domains" else {"layer": 0}
    return do_step(step, settings, folder, TraceSettings(), trace={0: trace}, describe=described, **whole)


@pytest.fixture(scope="module")
def done(study, tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    return {step: StepFolder.open(run(study, step, root / f"{step}-0123456789abcdef")) for step in SETTINGS}


@pytest.mark.parametrize("step", SETTINGS)
def test_tables_keep_their_contracts_and_equal_inputs_give_equal_bytes(study, done, tmp_path, step):
    again = StepFolder.open(run(study, step, tmp_path / f"{step}-0123456789abcdef"))
    for table in TABLES[step]:
        assert_contract(done[step].read_table(table), table)
        assert again.shards(table)[0].read_bytes() == done[step].shards(table)[0].read_bytes()
    assert again.info == done[step].info


def test_edges_and_degrees_are_those_of_the_trace(study, done):
    degrees = StepFolder.open(study[0]).read_table("feature_degree")
    out = degrees.filter(direction="out", effect="total", criterion="published")
    counted = dict(out.group_by("other_sae").agg(pl.col("degree").sum().cast(pl.Int64)).iter_rows())
    coherence = done["coherence"].read_table("coherence").filter(rule="matched")
    assert dict(coherence.select("target_sae", pl.col("n_edges").cast(pl.Int64)).iter_rows()) == counted
    coverage = done["domains"].read_table("domain_coverage").filter(kind="term")
    assert dict(coverage.select("target_sae", pl.col("n_edges").cast(pl.Int64)).iter_rows()) == {
        sae: n for sae, n in counted.items() if n
    }
    positive = out.group_by("feature").agg(pl.col("degree").sum()).filter(pl.col("degree") > 0)
    fit = done["tails"].read_table("tail_fit").filter(what="degree", rule="exact").row(0, named=True)
    assert (fit["n_features"], fit["largest"]) == (positive.height, positive["degree"].max())
    assert fit["x_max"] == 120
    assert done["hubs"].read_table("enrichment_test")["n_features"].unique().to_list() == [out["feature"].n_unique()]


def test_an_effect_that_was_not_traced_is_refused(study, tmp_path):
    trace, described, model = study
    degrees = StepFolder.open(trace).read_table("feature_degree").filter(effect="total")
    folder = tmp_path / "trace-0123456789abcdef"
    with StepFolder.create(folder) as out:
        with out.unit("summary") as unit:
            unit.table("feature_degree", degrees)
        out.finish()
    with pytest.raises(
        RequestError, match=r"hubs\.effect: direct effects were not traced: set it to total, or add direct"
    ):
        run((folder, described, model), "hubs", tmp_path / "hubs-0123456789abcdef", effect="direct")


def test_modules_that_were_not_made_are_asked_for(study, tmp_path):
    with pytest.raises(RequestError, match=r"domains\.kinds: module needs step modules: set modules\.wanted = true"):
        run(study, "domains", tmp_path / "domains-0123456789abcdef", kinds=("module",))


def test_a_study_beside_itself_has_all_its_pairs_of_domains_in_both(study, tmp_path):
    trace, described, _ = study
    steps = {"trace": {0: trace}, "describe": described, "modules": {}}
    settings = ConsensusSettings(wanted=True, n_draws=99, criterion="published", min_edges=1)
    inputs = Inputs(Sections({"consensus": settings}), steps, others={"itself": steps})
    done = StepFolder.open(run_unit(CONSENSUS, settings, inputs, tmp_path / "consensus-0123456789abcdef"))
    for table in CONSENSUS.tables:
        assert_contract(done.read_table(table), table)
    tests = done.read_table("consensus_test")
    assert tests["other"].unique().to_list() == ["itself"]
    assert tests["n_own"].equals(tests["n_other"].rename("n_own"))
    assert tests["n_own"].equals(tests["n_both"].rename("n_own"))
    assert tests["n_both"].sum() > 0
