import polars as pl
import pytest

from tests.builders.contract import assert_contract
from tests.builders.contract_frames import contract_frame

ROW = {
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
    "heldout_loss": None,
    "heldout_top1": None,
    "baseline_top1": None,
    "baseline_loss": None,
}


def test_a_frame_that_keeps_the_contract_passes():
    assert_contract(contract_frame("model", ROW), "model")


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda f: f.drop("d_ff"), "the contract says"),
        (lambda f: f.select(reversed(f.columns)), "the contract says"),
        (lambda f: f.with_columns(pl.col("d_ff").cast(pl.Int64)), "the contract says"),
        (lambda f: f.with_columns(family=pl.lit(None, dtype=pl.String)), "nulls in columns"),
        (lambda f: pl.concat([f, f]), "repeated keys"),
    ],
)
def test_a_frame_that_breaks_the_contract_is_named(break_it, said):
    with pytest.raises(AssertionError, match=f"model.*{said}"):
        assert_contract(break_it(contract_frame("model", ROW)), "model")
