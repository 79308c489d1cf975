"""Rows are held against the contract of their table when they are written."""

import polars as pl
import pytest

from tasks.store import StepFolder
from tasks.store.conform import TYPES, conform, table_frame
from tasks.store.errors import ContractMismatch, ScfmError
from tests.builders.contract_frames import POLARS_TYPES, contract_frame, contract_schema, shard_tables

SPAN = pl.DataFrame({"span": [1, 2], "n_features": [10, 20]})
MODEL = {
    "model_id": "m",
    "family": "geneformer",
    "name": "mini",
    "stand_in": True,
    "n_layers": 2,
    "d_model": 8,
    "n_heads": 2,
    "d_ff": 16,
    "vocab_size": 10,
    "max_length": 16,
    "n_parameters": 100,
    "weights_sha": "0",
}
EFFECT = {
    "effect": "total",
    "source_sae": "s",
    "source_layer": 0,
    "source_feature": 1,
    "target_sae": "t",
    "target_layer": 1,
    "cell_id": 3,
    "targets": [1, 2],
    "deltas": [0.5, -0.25],
}


def test_every_type_of_a_contract_has_a_polars_type():
    assert {**TYPES, "TINYINT": None} == {**POLARS_TYPES, "TINYINT": None}


def test_what_keeps_the_contract_is_written_as_it_is():
    frame = contract_frame("model", MODEL | dict.fromkeys(contract_schema("model").keys() - MODEL.keys()))
    assert conform("model", frame).equals(frame)


def test_columns_are_put_into_order_and_cast():
    found = conform("lifecycle_span", SPAN.select("n_features", "span"))
    assert list(found.schema.items()) == list(contract_schema("lifecycle_span").items())
    assert found.drop("rule").rows() == SPAN.rows()


def test_whole_floats_become_numbers_and_doubles_become_floats():
    assert conform("lifecycle_span", SPAN.cast(pl.Float64)).drop("rule").rows() == SPAN.rows()
    deltas = conform("effect_cell", pl.DataFrame([EFFECT | {"deltas": [0.1]}]))["deltas"]
    assert deltas.dtype == pl.List(pl.Float32)
    assert deltas.to_list() == [pytest.approx([0.1])]


def test_an_absent_nullable_column_becomes_null():
    found = conform("model", pl.DataFrame([MODEL]))
    assert found.schema == contract_schema("model")
    assert found["heldout_loss"].to_list() == [None]


def test_a_column_that_only_imports_fill_may_be_absent_or_given():
    own = contract_frame("feature_cell_type", [])
    assert "n_top_cells" not in conform("feature_cell_type", own).columns
    imported = conform("feature_cell_type", own.with_columns(n_top_cells=pl.lit(None)))
    assert dict(imported.schema) == {**contract_schema("feature_cell_type"), "n_top_cells": pl.UInt32}


def test_a_column_of_nulls_takes_the_type_of_its_contract_and_null_is_left_to_the_audit():
    found = conform("lifecycle_span", SPAN.with_columns(span=None))
    assert found.schema == contract_schema("lifecycle_span")
    assert found["span"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (
            SPAN.rename({"span": "spam"}),
            "table lifecycle_span: column span: the step gives no such column, the contract says USMALLINT; "
            "column spam: the step gives Int64, the contract says no such column",
        ),
        (
            SPAN.with_columns(run_id=pl.lit("a")),
            "table lifecycle_span: column run_id: the step gives String, the contract says no such column",
        ),
        (
            SPAN.with_columns(span=pl.lit("one")),
            "table lifecycle_span, column span: the step gives String, the contract says USMALLINT",
        ),
        (
            SPAN.with_columns(span=pl.lit(True)),
            "table lifecycle_span, column span: the step gives Boolean, the contract says USMALLINT",
        ),
        (
            SPAN.with_columns(span=pl.Series([1, 70_000])),
            "table lifecycle_span, column span: the step gives 70000, which does not fit into USMALLINT",
        ),
        (
            SPAN.with_columns(span=pl.Series([-1, None])),
            "table lifecycle_span, column span: the step gives -1, which does not fit into USMALLINT",
        ),
        (
            SPAN.with_columns(n_features=pl.Series([1.0, 2.5])),
            "table lifecycle_span, column n_features: the step gives 2.5, which does not fit into UINTEGER",
        ),
        (
            SPAN.with_columns(n_features=pl.Series([1.0, float("nan")])),
            "table lifecycle_span, column n_features: the step gives nan, which does not fit into UINTEGER",
        ),
    ],
)
def test_what_departs_from_the_contract_is_named(frame, said):
    with pytest.raises(ContractMismatch) as caught:
        conform("lifecycle_span", frame)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"targets": [1, -2]}, "column targets: the step gives -2, which does not fit into UINTEGER[]"),
        ({"targets": 1}, "column targets: the step gives Int64, the contract says UINTEGER[]"),
        ({"targets": ["a"]}, "column targets: the step gives List(String), the contract says UINTEGER[]"),
        ({"deltas": [1e300]}, "column deltas: the step gives 1e+300, which does not fit into FLOAT[]"),
    ],
)
def test_lists_are_held_value_by_value(change, said):
    with pytest.raises(ContractMismatch) as caught:
        conform("effect_cell", pl.DataFrame([EFFECT | change]))
    assert str(caught.value) == f"table effect_cell, {said}"


def test_a_table_without_a_contract_is_named():
    with pytest.raises(ScfmError, match=r"^table span: there is no contract warehouse/contracts/span\.toml$"):
        conform("span", SPAN)


def test_an_integer_that_a_double_cannot_hold_is_refused():
    values = table_frame("published_value", [])
    rows = pl.DataFrame({name: [None] for name in values.columns}).with_columns(value=pl.lit(2**53 + 1))
    with pytest.raises(ContractMismatch, match="column value: the step gives 9007199254740993, which does not fit"):
        conform("published_value", rows)


def test_rows_become_a_frame_in_any_order_of_their_columns():
    rows = [{"n_features": 10, "span": 1}, {"span": 2, "n_features": 20}]
    assert table_frame("lifecycle_span", rows).equals(conform("lifecycle_span", SPAN))


@pytest.mark.parametrize("table", sorted(shard_tables()))
def test_no_rows_are_an_empty_shard(table, tmp_path):
    with StepFolder.create(tmp_path / "demo-ab") as folder, folder.unit("all") as unit:
        unit.table(table, table_frame(table, []))
        folder_path = folder.path
    found = StepFolder(folder_path).read_table(table)
    assert found.is_empty()
    assert list(found.schema.items()) == list(contract_schema(table).items())


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"span": 1, "n_features": 1}, {"span": 1}], "table lifecycle_span, column n_features: some rows have no"),
        ([{"span": 1}], "column n_features: the step gives no such column, the contract says UINTEGER"),
        ([{"span": 70_000, "n_features": 1}], "column span: the contract says USMALLINT, but .*70000"),
        ([{"span": 1.5, "n_features": 1}], r"column span: the contract says USMALLINT, but .*1\.5"),
        ([{"span": 1, "n_features": 1, "n": 1}], "column n: the step gives Int64, the contract says no such column"),
    ],
)
def test_rows_that_depart_from_the_contract_are_named(rows, said):
    with pytest.raises(ContractMismatch, match=said):
        table_frame("lifecycle_span", rows)


def test_a_wrong_frame_is_refused_as_it_is_written_and_leaves_no_file(tmp_path):
    with StepFolder.create(tmp_path / "demo-ab") as folder:
        with pytest.raises(ContractMismatch, match="column span"), folder.unit("all") as unit:
            unit.table("lifecycle_span", SPAN.drop("span"))
        assert not folder.has("all")
    assert not list(tmp_path.rglob("*.parquet"))
