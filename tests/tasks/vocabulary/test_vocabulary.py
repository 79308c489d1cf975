import json
from dataclasses import replace

import pytest

from tasks.store import RequestError
from tasks.vocabulary.vocabulary import ENCODING_FILE, MEDIAN_FILE, TOKEN_FILE, Encoding, Vocabulary


@pytest.fixture
def vocabulary():
    return Vocabulary({"ENSG2": 4, "ENSG1": 5}, {"ENSG1": 0.1, "ENSG2": 2.5}, {"<pad>": 0, "<mask>": 1}, 64)


def test_what_is_saved_is_what_is_loaded(tmp_path, vocabulary):
    vocabulary.save(tmp_path / "model")
    assert Vocabulary.load(tmp_path / "model", 64) == vocabulary


def test_the_files_are_the_published_dictionaries(tmp_path, vocabulary):
    vocabulary.save(tmp_path)
    tokens = json.loads((tmp_path / TOKEN_FILE).read_text())
    assert list(tokens.items()) == [("<pad>", 0), ("<mask>", 1), ("ENSG2", 4), ("ENSG1", 5)]
    assert json.loads((tmp_path / MEDIAN_FILE).read_text()) == vocabulary.median_of


def test_tokens_and_genes_are_found_both_ways(vocabulary):
    assert vocabulary.gene_of == {4: "ENSG2", 5: "ENSG1"}
    assert (vocabulary.size, vocabulary.pad, vocabulary.mask) == (6, 0, 1)


@pytest.mark.parametrize("name", [TOKEN_FILE, MEDIAN_FILE])
def test_a_missing_dictionary_is_named(tmp_path, vocabulary, name):
    vocabulary.save(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(RequestError, match=f"lacks {name}: give a complete model directory"):
        Vocabulary.load(tmp_path, 64)


@pytest.mark.parametrize(("text", "why"), [("{", "not a JSON dictionary"), ("[1]", "but a list")])
def test_a_broken_dictionary_is_named(tmp_path, vocabulary, text, why):
    vocabulary.save(tmp_path)
    (tmp_path / TOKEN_FILE).write_text(text)
    with pytest.raises(RequestError, match=why):
        Vocabulary.load(tmp_path, 64)


def test_special_tokens_stand_before_and_behind_the_genes():
    v2 = Vocabulary({"a": 4}, {}, {"<pad>": 0, "<mask>": 1, "<cls>": 2, "<eos>": 3}, 10)
    assert (v2.front, v2.behind, v2.room, v2.reads_values) == (["<cls>"], ["<eos>"], 8, False)
    valued = Vocabulary({"a": 0}, {}, {"<S>": 2, "<T>": 1}, 10, Encoding("log_values", special_values={"<T>": 4.0}))
    assert (valued.front, valued.behind, valued.room, valued.reads_values) == ([], ["<T>", "<S>"], 8, True)
    assert (valued.special_value("<T>"), valued.special_value("<pad>")) == (4, 0)


def test_only_what_is_not_the_published_encoding_is_written_beside_the_dictionaries(vocabulary, tmp_path):
    vocabulary.save(tmp_path / "ranks")
    assert not (tmp_path / "ranks" / ENCODING_FILE).exists()
    other = replace(vocabulary, encoding=Encoding("bins", "symbol", 51, {"<cls>": -2.0}))
    other.save(tmp_path / "bins")
    assert Vocabulary.load(tmp_path / "bins", 64) == other
