"""The published map of layer 5: its study files say all there is to say, and a small one of the same form runs."""

import tomllib
from pathlib import Path
from typing import get_args

import anndata as ad
import numpy as np
import pytest
from pydantic import BaseModel

from flows.study import Study, load_study
from tasks.cells import sample
from tasks.codes.reader import CodesReader
from tasks.vocabulary.vocabulary import Vocabulary
from tests.builders.models import SPECIAL, tiny_geneformer
from warehouse import open_snapshot

SOUND, PUBLISHED = Path("flows/studies/geneformer_l5.toml"), Path("flows/studies/geneformer_l5_published.toml")
MINI_L5 = Path("tests/studies/mini_l5.toml")
NAMED_OTHERWISE = {"trace.cells_draw": "first", "trace.cells_split": "all"}  # published choices with names of their own


def published_choices(section: type[BaseModel] = Study, prefix: str = "") -> dict[str, str]:
    """Every setting that has a published choice, and that choice."""
    found: dict[str, str] = {}
    for name, field in section.model_fields.items():
        inside = field.annotation
        if isinstance(inside, type) and issubclass(inside, BaseModel):
            found |= published_choices(inside, f"{prefix}{name}.")
        elif "published" in get_args(inside):
            found[prefix + name] = "published"
    return found if prefix else found | NAMED_OTHERWISE


def chosen(study: Study, key: str) -> object:
    section, name = key.split(".")
    return getattr(getattr(study, section), name)


def set_keys(path: Path) -> set[str]:
    """The keys that a study sets; the columns that it filters by are none of them."""
    raw = tomllib.loads(path.read_text())
    sections = {name: value for name, value in raw.items() if isinstance(value, dict)}
    return {*raw, *(f"{name}.{key}" for name, section in sections.items() for key in section)}


def test_the_published_study_takes_every_published_choice():
    choices = published_choices()
    assert {"cells.draw", "cells.tokenisation"} < set(choices)
    study = load_study(PUBLISHED)
    assert {key: chosen(study, key) for key in choices} == choices
    assert (study.cells.seed, study.cells.n, study.cells.where) == (42, 2000, {"gene": "non-targeting"})


def test_the_sound_study_takes_none_of_them():
    study = load_study(SOUND)
    assert not [key for key, published in published_choices().items() if chosen(study, key) == published]
    assert study.cells.where == {"gene": "non-targeting", "cell_line": "k562"}


@pytest.mark.parametrize("path", [SOUND, PUBLISHED], ids=lambda path: path.stem)
def test_both_are_the_published_experiment(path):
    study = load_study(path)
    assert study.cells.max_length == 2048
    assert study.sae.layers == tuple(range(5, 18)) == tuple(study.activations.layers)
    assert (study.sae.expansion, study.sae.k) == (4, 32)
    trace = study.trace
    assert (trace.source_layers, trace.target_layers, trace.n_cells, trace.min_frequency) == ([5], "all", 20, 0.001)


def test_the_small_study_sets_the_same_keys():
    assert set_keys(MINI_L5) == set_keys(SOUND)
    assert set_keys(PUBLISHED) == set_keys(SOUND) - {"activations.positions_per_cell"}


@pytest.fixture(scope="module")
def home(tmp_path_factory, scfm) -> Path:
    """A finished run of the small study on a model directory that knows the sample's genes."""
    root = tmp_path_factory.mktemp("layer5")
    genes = ad.read_h5ad(sample.path("pbmc3k.h5ad"), backed="r").var_names.tolist()
    medians = np.linspace(1, 3, len(genes)).tolist()
    tokens = {gene: token for token, gene in enumerate(genes, start=len(SPECIAL))}
    vocabulary = Vocabulary(tokens, dict(zip(genes, medians, strict=True)), SPECIAL, max_length=64)
    model = tiny_geneformer(root / "geneformer-tiny", n_layers=4, vocabulary=vocabulary)
    done = scfm(root / "home", "run", str(MINI_L5), "--set", f"model.path={model}")
    assert done.status == 0, done.err
    return root / "home"


@pytest.mark.slow
def test_the_small_study_reads_chosen_cells_up_to_the_wanted_length(home):
    con = open_snapshot(home)
    assert con.execute("SELECT count(*), max(n_tokens) FROM cell WHERE chosen").fetchone() == (120, 48)
    assert con.execute("SELECT DISTINCT label FROM cell WHERE chosen").fetchall() == [("CD4 T cells",)]
    assert con.execute("SELECT DISTINCT source_layer, target_layer FROM edge_stat ORDER BY ALL").fetchall() == [
        (1, 2),
        (1, 3),
    ]


@pytest.mark.slow
def test_the_small_study_traces_frequent_features_in_its_heldout_cells(home):
    con = open_snapshot(home)
    traced = {feature for (feature,) in con.execute("SELECT DISTINCT source_feature FROM trace_pair").fetchall()}
    frequency = dict(con.execute("SELECT feature, frequency FROM feature WHERE layer = 1").fetchall())
    alive, frequent, very = ({f for f, share in frequency.items() if share > least} for least in (0, 0.02, 0.1))
    assert very <= traced <= frequent < alive
    cells = con.execute("SELECT DISTINCT split FROM cell WHERE cell_id IN (SELECT cell_id FROM trace_pair)").fetchall()
    assert cells == [("heldout",)]


@pytest.mark.slow
def test_the_frequencies_of_the_codes_are_those_of_the_feature_table(home):
    table = open_snapshot(home).execute("SELECT frequency FROM feature WHERE layer = 1 ORDER BY feature").fetchall()
    (codes,) = (codes for codes in map(CodesReader, (home / "runs").glob("codes-*")) if codes.layer == 1)
    assert codes.frequencies().tolist() == [share for (share,) in table]
