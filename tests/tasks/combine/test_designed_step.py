"""Step combine with designed sets, on folders: tables keep their contracts, and named sets are as without a design."""

import polars as pl
import pytest

from tasks.combine.settings import CombineSettings, DesignSettings
from tasks.store import RequestError, StepFolder
from tests.builders.contract import assert_contract
from tests.builders.contract_frames import contract_frame, example_row
from tests.builders.steps import do_step
from tests.tasks.combine.conftest import SETTINGS

LAYERS, N_FEATURES = (0, 2), 24
DESIGN = DesignSettings(layers=LAYERS, sets=2, min_cells=2, n_draws=99)


def described(root, layer):
    """Every feature but each fourth has one of three terms."""
    sae = example_row("sae", {"model": example_row("model", {})})
    numbers = pl.Series(range(N_FEATURES))
    feature = pl.concat([example_row("feature", {"sae": sae})] * N_FEATURES).with_columns(
        feature=numbers, frequency=0.1
    )
    summary = example_row("annotation_summary", {"sae": sae})
    one = example_row("annotation", {"feature": feature, "annotation_summary": summary})
    terms = pl.concat([one] * N_FEATURES).with_columns(
        feature=numbers, term=(numbers % 3).cast(pl.String), significant=numbers % 4 > 0
    )
    with StepFolder.create(root / f"describe-{layer}") as out:
        with out.unit("all") as unit:
            unit.table("feature", contract_frame("feature", feature))
            unit.table("annotation", contract_frame("annotation", terms))
        out.finish()
    return root / f"describe-{layer}"


@pytest.fixture(scope="module")
def reads(folders, tmp_path_factory):
    root = tmp_path_factory.mktemp("described")
    return folders.reads | {"describe": {layer: described(root, layer) for layer in LAYERS}}


@pytest.fixture(scope="module")
def designed(reads, tmp_path_factory):
    settings = SETTINGS.model_copy(update={"design": DESIGN, "drawn": 1})
    return StepFolder.open(do_step("combine", settings, tmp_path_factory.mktemp("runs") / "combine-1", **reads))


@pytest.mark.parametrize("table", ["combination", "combination_stat", "combination_ratio", "combination_contrast"])
def test_tables_keep_their_contracts_and_have_rows(designed, table):
    found = designed.read_table(table)
    assert_contract(found, table)
    assert found.height > 0


def test_sets_and_kinds_are_counted(designed):
    sets = designed.read_table("combination").unique("combination")
    assert sets["design"].value_counts().sort("design").rows() == [
        (None, 1), ("across", 2), ("pathway", 2), ("random", 2),
    ]  # fmt: skip
    assert designed.info["designed"] == "2 pathway, 2 across, 2 random of 2 sets each asked for"
    ratios = designed.read_table("combination_ratio")
    assert set(ratios["combination"]) == set(sets["combination"])
    assert ratios["target_layer"].unique().sort().to_list() == [3, 4]
    contrast = designed.read_table("combination_contrast")
    assert contrast.select("first", "second").unique().height == 3
    assert contrast["n_draws"].unique().to_list() == [6]


def test_other_sets_are_as_without_a_design(designed, combined):
    for table in ("combination_effect", "combination_stat"):
        alone, among = (each.read_table(table).filter(combination="drawn-001") for each in (combined, designed))
        by = alone.columns[:6]
        assert alone.sort(by, maintain_order=True).equals(among.sort(by, maintain_order=True))
    assert combined.read_table("combination")["design"].null_count() == combined.read_table("combination").height


def test_controls_stand_beside_all_sets_and_change_nothing_of_them(reads, designed, tmp_path):
    settings = SETTINGS.model_copy(update={"design": DESIGN, "drawn": 1, "controls": ("random_direction",)})
    found = StepFolder.open(do_step("combine", settings, tmp_path / "combine-1", **reads))
    assert found.info["n_sets"] == designed.info["n_sets"]
    sets = found.read_table("combination")
    assert_contract(sets, "combination")
    names = sets.filter(pl.col("control").is_null())["combination"].unique().to_list()
    controls = sets.filter(control="random_direction")
    assert set(controls["combination"]) == {f"{name} random_direction" for name in names}
    assert controls["design"].null_count() == controls["pathway"].null_count() == controls.height
    for table in ("combination_effect", "combination_stat", "combination_ratio"):
        own = found.read_table(table).filter(pl.col("combination").is_in(names))
        by = own.columns[:6]
        before = designed.read_table(table).sort(by, maintain_order=True)
        assert own.sort(by, maintain_order=True).equals(before), table
    assert found.read_table("combination_contrast").equals(designed.read_table("combination_contrast"))
    beside = found.read_table("combination_effect").filter(
        pl.col("combination").is_in(controls["combination"].implode())
    )
    assert beside.height > 0


def test_a_library_without_terms_is_refused(reads, tmp_path):
    settings = CombineSettings(design=DESIGN.model_copy(update={"library": "nothing"}), n_cells=10, n_flips=500)
    with pytest.raises(RequestError, match=r"combine\.design: no term is significant for features of all layers 0, 2"):
        do_step("combine", settings, tmp_path / "combine-1", **reads)
