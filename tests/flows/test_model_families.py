"""Every family of models through every step: small checkpoints of random weights, few cells, published tables."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import anndata as ad
import pytest

from flows.planning import make_plan
from flows.study import load_study
from tasks.cells import sample
from tasks.cells.genes import identify_genes
from tasks.step import run_unit
from tasks.steps import step_named
from tasks.store import RequestError, StepFolder
from tests.builders.llama_files import tiny_llama
from tests.builders.own_models import own_encoder
from tests.builders.scfoundation_files import tiny_scfoundation
from tests.builders.scgpt_files import tiny_scgpt
from warehouse import open_snapshot

STUDY = "tests/studies/mini_model.toml"
OWN = (
    '{tokens="tokens.json", medians="medians.json", pad="[PAD]", mask="[MASK]", start="[CLS]", end="[SEP]", longest=60}'
)
MAKERS: dict[str, Callable[[Path], Path]] = {
    "scgpt": lambda path: tiny_scgpt(path, sample_genes("symbol"), n_layers=3, d_model=16, d_ff=24),
    "llama": lambda path: tiny_llama(path, sample_genes("ensembl"), hidden_size=16, intermediate_size=24),
    "scfoundation": lambda path: tiny_scfoundation(path, sample_genes("symbol"), n_layers=3, d_model=16),
    "own": lambda path: own_encoder(path, sample_genes("ensembl"), "roberta"),
}


def sample_genes(kind: str) -> list[str]:
    """Genes of the bundled cells by Ensembl id or symbol, each once."""
    path = sample.path("pbmc3k.h5ad")
    genes = identify_genes(ad.read_h5ad(path, backed="r").var, path).frame
    return list(dict.fromkeys(genes["gene_id" if kind == "ensembl" else "symbol"]))


@pytest.fixture(
    scope="module",
    params=[pytest.param(family, marks=pytest.mark.slow) for family in MAKERS],
)
def finished(request, tmp_path_factory, scfm):
    """Family and home of a finished run."""
    root = tmp_path_factory.mktemp(request.param)
    model = MAKERS[request.param](root / "model")
    more = ["--set", f"model.own={OWN}"] if request.param == "own" else []
    done = scfm(root / "home", "run", STUDY, "--set", f"model.path={model}", *more)
    assert done.status == 0, done.err
    return request.param, root / "home"


def test_every_step_is_published_and_checked(finished):
    family, home = finished
    con = open_snapshot(home)
    row = con.execute("SELECT family, n_layers, heldout_loss, heldout_top1, baseline_loss FROM model").fetchone()
    assert row[:2] == (family, 3)
    assert [value is not None for value in row[2:]] == {
        "scgpt": [True, False, True],
        "scfoundation": [True, False, True],
        "llama": [True, True, True],
        "own": [True, True, True],
    }[family]
    losses = con.execute("SELECT loss_clean, loss_ablated, loss_recovered FROM sae").fetchall()
    assert len(losses) == 3
    # A model with random weights may predict no worse without a layer.
    assert all(clean > 0 and (ablated > clean) == (recovered is not None) for clean, ablated, recovered in losses)
    kept = dict(con.execute("SELECT layer, embedding_recovered FROM sae").fetchall())
    assert [kept[layer] is None for layer in range(3)] == [False, False, family == "scgpt"]  # genes end before <cls>
    assert con.execute("SELECT count(*) FROM edge_stat").fetchone()[0] > 100
    assert con.execute("SELECT count(DISTINCT source_feature) FROM trace_pair").fetchone()[0] > 5


def test_genes_are_called_by_their_symbols(finished):
    _, home = finished
    con = open_snapshot(home)
    tokens = con.execute("SELECT count(token_id), count(DISTINCT token_id) FROM gene").fetchone()
    assert tokens[0] == tokens[1] > 1000
    unknown = con.execute(
        "SELECT count(*) FROM feature_gene JOIN gene USING (run_id, gene_id) WHERE token_id IS NULL"
    ).fetchone()
    assert unknown == (0,)
    assert con.execute("SELECT count(*) FROM feature_gene").fetchone()[0] > 40
    longest, shortest = con.execute("SELECT max(n_tokens), min(n_tokens) FROM cell WHERE chosen").fetchone()
    assert longest == 48 >= shortest > 3


def test_a_feature_counts_gene_positions_alone(finished):
    family, home = finished
    n_special = {"scgpt": 1, "scfoundation": 2, "own": 2, "llama": 2}[family]
    con = open_snapshot(home)
    kept = con.execute("SELECT n_train_positions + n_heldout_positions FROM sae").fetchone()[0]
    tokens, cells = con.execute("SELECT sum(n_tokens), count(*) FROM cell WHERE chosen").fetchone()
    assert kept == tokens - n_special * cells


def test_an_encoder_whose_blocks_run_as_a_whole_is_described_but_not_traced(tmp_path):
    model = own_encoder(tmp_path / "model", sample_genes("ensembl"), "distilbert")
    more = [
        f"model.path={model}",
        f"model.own={OWN}",
        "cells.n=30",
        "sae.layers=[0,1]",
        'references.gene_sets=["reactome"]',
    ]
    study = load_study(Path(STUDY), more)
    units = make_plan(study, tmp_path).only(["describe", "trace"]).units
    for unit in units:
        if unit.step != "trace":
            run_unit(step_named(unit.step), unit.settings, unit.inputs, unit.folder)
    described = next(unit.folder for unit in units if unit.step == "describe")
    trace = next(unit for unit in units if unit.step == "trace")
    assert StepFolder.open(described).read_table("feature_gene").height > 10
    with pytest.raises(RequestError, match="are not BERT's and run only as a whole") as caught:
        run_unit(step_named("trace"), trace.settings, trace.inputs, trace.folder)
    assert "\n" not in str(caught.value)


def test_the_study_of_an_own_encoder_and_its_small_form_set_the_same_keys():
    def keys(path: str) -> set[str]:
        raw = tomllib.loads(Path(path).read_text())
        return {*raw, *(f"{name}.{key}" for name, part in raw.items() if isinstance(part, dict) for key in part)}

    assert keys("flows/studies/own_encoder.toml") == keys("tests/studies/mini_own.toml")


@pytest.mark.parametrize(
    ("name", "longest"), [("scgpt", 1200), ("scfoundation", None), ("maxtoki", None), ("own_encoder", None)]
)
def test_ready_made_studies_need_only_a_model_and_cells(name, longest):
    raw = tomllib.loads(Path(f"flows/studies/{name}.toml").read_text())
    assert raw["cells"]["path"] == "cells.h5ad"
    study = load_study(Path(f"flows/studies/{name}.toml"), ["model.path=there", "cells.path=here.h5ad"])
    assert (study.cells.max_length, study.sae.layers, study.sae.k) == (longest, "all", 32)
