"""One obs column: its kind, its spelling, what is missing."""

import numpy as np
import pandas as pd
import pytest

from tasks.cells.doubtful import doubtful_labels
from tasks.cells.obs import ObsColumn

NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "kind", "text", "number"),
    [
        (pd.Categorical(["B", None, "T"]), "category", ["B", None, "T"], [NAN] * 3),
        (pd.Categorical([2, 1, 2]), "category", ["2", "1", "2"], [NAN] * 3),
        (pd.Categorical([True, False, None]), "category", ["true", "false", None], [NAN] * 3),
        (np.array(["a", "b"], dtype=object), "category", ["a", "b"], [NAN] * 2),
        (pd.array(["a", None], dtype="string"), "category", ["a", None], [NAN] * 2),
        (np.array([True, False]), "boolean", ["true", "false"], [NAN] * 2),
        (pd.array([True, None], dtype="boolean"), "boolean", ["true", None], [NAN] * 2),
        (np.array([3, 1, 3], dtype=np.int8), "number", ["3", "1", "3"], [3, 1, 3]),
        (pd.array([3, None], dtype="Int64"), "number", ["3", None], [3, NAN]),
        (np.array([0.1, NAN, 2.0], dtype=np.float32), "number", ["0.1", None, "2"], [0.1, NAN, 2]),
        (np.array([0.1, 1 / 3]), "number", ["0.1", "0.3333333333333333"], [0.1, 1 / 3]),
        (np.array([2**53 + 1, 1]), "category", ["9007199254740993", "1"], [NAN] * 2),
        (np.array([2**63 + 1], dtype=np.uint64), "category", [str(2**63 + 1)], [NAN]),
        (np.array([NAN, NAN]), "number", [None, None], [NAN] * 2),
    ],
)
def test_every_type_of_column_has_its_kind(values, kind, text, number):
    column = ObsColumn.of(pd.Series(values))
    assert (column.kind, column.text.tolist()) == (kind, text)
    np.testing.assert_array_equal(column.number, number)
    assert column.missing.tolist() == [value is None for value in text]


@pytest.mark.parametrize("word", ["nan", "NaN", "NA", "<NA>", "None", "N/A", "null", "NaT", "", "  ", " nan "])
def test_text_that_stands_for_a_missing_value_is_missing(word):
    for values in (pd.Categorical([word, "B"]), np.array([word, "B"], dtype=object)):
        assert ObsColumn.of(pd.Series(values)).text.tolist() == [None, "B"]


@pytest.mark.parametrize("word", ["unknown", "none", "na", "Nan", "unassigned", "-", "0", "Null cells"])
def test_words_that_may_be_meant_are_values(word):
    assert ObsColumn.of(pd.Series(pd.Categorical([word, "B"]))).text.tolist() == [word, "B"]


def test_blanks_and_capitals_of_truth_values_make_no_other_value():
    cells = pd.Series(pd.Categorical(["T cell ", "T cell", " B cell", "TRUE", "True", "true"]))
    column = ObsColumn.of(cells)
    assert column.text.tolist() == ["T cell", "T cell", "B cell", "true", "true", "true"]
    assert column.spelling(" T cell") == "T cell"
    assert column.spelling(True) == "true"


def test_labels_that_may_mean_none_are_named():
    labels = ["unknown", "T cell", None, "Unassigned", "unknown", "unknown cells"]
    assert doubtful_labels(labels, "cell_type") == (
        "labels of cell_type taken as types, though they may mean none: unknown (2 cells), "
        "Unassigned (1 cells); cells.where leaves cells out"
    )
    assert doubtful_labels(["T cell", None], "cell_type") is None


def column(values, dtype=None):
    return ObsColumn.of(pd.Series(values, dtype=dtype))


def test_columns_of_one_kind_stay_of_it_when_joined():
    joined = ObsColumn.joined([column([1, 2]), column([0.5], "float32")])
    assert (joined.kind, joined.text.tolist(), joined.number.tolist()) == ("number", ["1", "2", "0.5"], [1, 2, 0.5])


def test_columns_of_two_kinds_are_text_when_joined():
    joined = ObsColumn.joined([column([1, 2]), column(["1", "late"])])
    assert (joined.kind, joined.text.tolist()) == ("category", ["1", "2", "1", "late"])
    assert np.isnan(joined.number).all()


def test_a_column_without_values_takes_the_kind_of_the_others():
    joined = ObsColumn.joined([column([NAN, NAN]), column([True])])
    assert (joined.kind, joined.text.tolist()) == ("boolean", [None, None, "true"])
    assert ObsColumn.joined([column([NAN]), column([NAN])]).kind == "number"
