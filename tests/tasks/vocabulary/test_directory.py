"""Finding and reading the dictionaries that belong to a model."""

import json
import pickle
import shutil

import numpy as np
import pytest

from tasks.store import RequestError
from tasks.vocabulary.directory import load_vocabulary
from tasks.vocabulary.layouts.dictionaries import read_dictionary
from tests.builders.models import SPECIAL, tiny_vocabulary
from tests.shared import shared_path

DICTIONARIES = "data/geneformer_dicts"


def model_dir(path, vocab_size=44, max_length=64):
    path.mkdir(parents=True)
    config = {
        "model_type": "bert",
        "vocab_size": vocab_size,
        "num_hidden_layers": 1,
        "max_position_embeddings": max_length,
    }
    (path / "config.json").write_text(json.dumps(config))
    return path


def pickled(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(value))


def test_json_dictionaries_beside_the_model(tmp_path):
    folder = model_dir(tmp_path / "model")
    tiny_vocabulary().save(folder)
    assert load_vocabulary(folder) == tiny_vocabulary()


def test_published_pickles_in_the_sibling_folder(tmp_path):
    vocabulary = tiny_vocabulary()
    folder = model_dir(tmp_path / "Geneformer-V2")
    numbers = {gene: np.int16(token) for gene, token in {**SPECIAL, **vocabulary.token_of}.items()}
    medians = {gene: np.float64(median) for gene, median in vocabulary.median_of.items()}
    pickled(tmp_path / "geneformer" / "token_dictionary_gc1M.pkl", numbers)
    pickled(tmp_path / "geneformer" / "gene_median_dictionary_gc1M.pkl", medians)
    assert load_vocabulary(folder) == vocabulary


def test_of_two_dictionaries_the_one_that_fills_the_embedding_is_taken(tmp_path):
    folder = model_dir(tmp_path / "model", vocab_size=54)
    for name, n_genes in (("a", 40), ("b", 50), ("c", 60)):
        vocabulary = tiny_vocabulary(n_genes)
        pickled(folder / f"token_dictionary_{name}.pkl", {**SPECIAL, **vocabulary.token_of})
        pickled(folder / f"gene_median_dictionary_{name}.pkl", vocabulary.median_of)
    assert len(load_vocabulary(folder).token_of) == 50


def test_sequences_are_never_longer_than_the_published_models(tmp_path):
    for max_length, longest in ((5000, 4096), (2048, 2048)):
        folder = model_dir(tmp_path / str(max_length), max_length=max_length)
        tiny_vocabulary().save(folder)
        assert load_vocabulary(folder).max_length == longest


def test_tokens_beyond_the_embedding_are_refused(tmp_path):
    folder = model_dir(tmp_path / "model", vocab_size=43)
    tiny_vocabulary().save(folder)
    with pytest.raises(RequestError, match=r"goes up to token 43, but .*model embeds only 43: they differ"):
        load_vocabulary(folder)


@pytest.mark.parametrize(("vocab_size", "fits"), [(48, True), (160, True), (47, False), (176, False), (25_426, False)])
def test_a_larger_embedding_must_be_padding(tmp_path, vocab_size, fits):
    """40 genes and 4 special tokens fill 44 rows; with many more, it is another model whose tokens mean other genes."""
    folder = model_dir(tmp_path / "model", vocab_size=vocab_size)
    tiny_vocabulary().save(folder)
    if fits:
        assert load_vocabulary(folder) == tiny_vocabulary()
    else:
        with pytest.raises(RequestError, match=rf"goes up to token 43, but .*model embeds {vocab_size}: they differ"):
            load_vocabulary(folder)


def test_two_dictionaries_that_fit_must_agree(tmp_path):
    folder = model_dir(tmp_path / "model")
    tokens = {**SPECIAL, **tiny_vocabulary().token_of}
    for name in "ab":
        pickled(folder / f"token_dictionary_{name}.pkl", tokens)
        pickled(folder / f"gene_median_dictionary_{name}.pkl", tiny_vocabulary().median_of)
    assert load_vocabulary(folder) == tiny_vocabulary()
    swapped = dict(zip(tokens, [*list(tokens.values())[:-2], 43, 42], strict=True))
    pickled(folder / "token_dictionary_b.pkl", swapped)
    with pytest.raises(
        RequestError, match=r"token_dictionary_a\.pkl and token_dictionary_b\.pkl both fit the model and"
    ):
        load_vocabulary(folder)


def test_missing_medians_are_named(tmp_path):
    folder = model_dir(tmp_path / "model")
    pickled(folder / "token_dictionary_gc1M.pkl", {**SPECIAL, **tiny_vocabulary().token_of})
    with pytest.raises(RequestError, match=r"model lacks gene_median_dictionary_gc1M\.pkl, which belongs to token_"):
        load_vocabulary(folder)


class Harm:
    def __reduce__(self):
        return (exec, ("raise SystemExit('harm')",))


@pytest.mark.parametrize("value", [Harm(), {"gene": Harm()}, {"gene": np.arange(3)}, {"gene": object()}])
def test_a_pickle_of_anything_but_plain_values_is_refused(tmp_path, value):
    pickled(tmp_path / "token_dictionary.pkl", value)
    with pytest.raises(RequestError, match=r"is not a pickle of plain values .*: it was not read further"):
        read_dictionary(tmp_path / "token_dictionary.pkl")


@pytest.mark.parametrize("content", [b"no pickle", pickle.dumps({"a": 1})[:-3]])
def test_a_damaged_pickle_is_refused(tmp_path, content):
    (tmp_path / "token_dictionary.pkl").write_bytes(content)
    with pytest.raises(RequestError, match="is not a pickle"):
        read_dictionary(tmp_path / "token_dictionary.pkl")


@pytest.mark.parametrize("value", [[1, 2], {1: "a"}])
def test_a_pickle_that_is_no_dictionary_of_names_is_refused(tmp_path, value):
    pickled(tmp_path / "token_dictionary.pkl", value)
    with pytest.raises(RequestError, match="holds no dictionary with text keys"):
        read_dictionary(tmp_path / "token_dictionary.pkl")


def test_the_published_v1_dictionaries(tmp_path):
    published = shared_path(DICTIONARIES)
    folder = model_dir(tmp_path / "Geneformer-V1-10M", vocab_size=25_426, max_length=2048)
    home = tmp_path / "geneformer" / "gene_dictionaries_30m"
    home.mkdir(parents=True)
    for name in ("token_dictionary_gc30M.pkl", "gene_median_dictionary_gc30M.pkl"):
        shutil.copy(published / name, home)
    vocabulary = load_vocabulary(folder)
    assert (len(vocabulary.token_of), len(vocabulary.median_of), vocabulary.size) == (25_424, 25_424, 25_426)
    assert (vocabulary.special, vocabulary.max_length) == ({"<pad>": 0, "<mask>": 1}, 2048)
    assert vocabulary.token_of == {
        gene: token
        for gene, token in json.loads((published / "token_dictionary_gc30M.json").read_text()).items()
        if not gene.startswith("<")
    }
    assert 0.09 < min(vocabulary.median_of.values()) < max(vocabulary.median_of.values()) < 635


def test_the_published_v2_tokens(tmp_path):
    tokens = read_dictionary(shared_path(f"{DICTIONARIES}/token_dictionary_gc104M.pkl"))
    assert len(tokens) == 20_275
    assert {name: tokens[name] for name in SPECIAL} == SPECIAL
