"""What is no atlas, or is not as an atlas is written, ends in one line that names the file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasks.atlas.atlas import open_atlas
from tasks.atlas.settings import AtlasSettings
from tasks.atlas.step import STEP as ATLAS
from tasks.store import RequestError, StepFolder
from tests.builders.atlas_files import make_atlas
from tests.builders.atlas_numbers import numbers
from tests.builders.steps import do_step

Change = Callable[[Any], Any]


def read(source, folder, known=None):
    return do_step(ATLAS, AtlasSettings(source=source, numbers=known), folder)


def put(*path: Any, value: Any) -> Change:
    """Set one value deep inside a file."""

    def change(raw: Any) -> Any:
        place = raw
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        return raw

    return change


@pytest.fixture
def source(tmp_path) -> Path:
    return make_atlas(tmp_path / "files")


def refusal(source: Path, tmp_path: Path) -> str:
    target = tmp_path / "runs" / "atlas-key"
    with pytest.raises(RequestError) as caught:
        read(source, target, numbers(tmp_path / "numbers", "geneformer"))
    assert not StepFolder(target).done
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("file", "change", "words"),
    [
        ("global_summary", put("layers", 1, "layer", value=7), "lists [0, 7, 2]"),
        ("global_summary", put("n_layers", value=4), "it says 4 layers"),
        ("global_summary", put("total_alive", value=1), "total_alive is 1"),
        ("global_summary", put("layers", 0, "alive", value="many"), "unsupported operand"),
        ("global_summary", lambda raw: {}, "no key"),
        ("layer_01_features", put(3, "i", value=2), "entry 3 is feature 2"),
        ("layer_01_features", lambda raw: raw[:-1], "it holds 39 features"),
        ("layer_01_features", put(3, "fc", value=1.5), "1.5"),
        ("layer_01_features", put(3, "lb", value=5), "String"),
        ("layer_01_features", lambda raw: {"features": raw}, ""),
        ("layer_01_positions", lambda raw: raw[:-1], "it holds 39 places"),
        ("layer_01_annotations", put("999", value={"genes": [], "anns": []}), "no feature 999"),
        ("layer_01_annotations", put("2", "anns", 0, "o", value="MSigDB"), "unknown ontology 'MSigDB'"),
        ("layer_01_annotations", put("2", "anns", 0, "or", value=float("nan")), "no number"),
        ("layer_01_annotations", put("2", "anns", 0, value={"o": "KEGG"}), "no key"),
        ("layer_01_celltypes", put("features", "40", value={"ct": [], "ti": [], "tc": []}), "no feature 40"),
        ("modules", put(0, "layer", value=3), "no layer 3"),
        ("cross_layer_graph", lambda raw: {"L00_L09": next(iter(raw.values()))}, "no layer 9"),
        ("cross_layer_graph", lambda raw: {"from 0 to 2": {}}, "is no pair of layers"),
        ("cross_layer_tracking", put("adjacent_persistence", 0, "to_layer", value=5), "no layer 5"),
        ("novel_clusters", lambda raw: {"8": raw["0"]}, "no layer 8"),
        ("perturbation_response", put("targets", 0, "tf", value="yes"), "yes"),
    ],
)
def test_a_wrong_file_is_named(source, tmp_path, file, change, words):
    path = source / f"{file}.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    said = refusal(source, tmp_path)
    assert f"{file}.json" in said
    assert words in said


@pytest.mark.parametrize("file", ["global_summary", "layer_02_celltypes", "modules"])
def test_a_truncated_file_is_named(source, tmp_path, file):
    path = source / f"{file}.json"
    path.write_bytes(path.read_bytes()[:-20])
    assert f"{file}.json is no JSON, or cut short" in refusal(source, tmp_path)


def test_a_folder_without_summary_is_no_atlas(tmp_path):
    with pytest.raises(RequestError, match="is no published atlas"):
        open_atlas(tmp_path)


def test_a_layer_beyond_the_summary_is_refused(source, tmp_path):
    (source / "layer_03_features.json").write_text("[]")
    assert "has layers 0 to 2" in refusal(source, tmp_path)


def test_an_atlas_without_features_is_refused(source, tmp_path):
    for path in source.glob("layer_*_features.json"):
        path.unlink()
    assert "no features to import" in refusal(source, tmp_path)


def test_a_layer_without_features_is_left_out_everywhere(source, tmp_path):
    (source / "layer_02_features.json").unlink()
    folder = StepFolder.open(read(source, tmp_path / "runs" / "atlas-key", numbers(tmp_path / "numbers", "geneformer")))
    assert folder.read_table("sae")["layer"].to_list() == [0, 1]
    assert folder.read_table("module")["sae_id"].n_unique() == 2
    assert folder.read_table("cross_layer_link").is_empty()
    gaps = dict(folder.read_table("import_gap").select("file", "reason").rows())
    assert gaps["layer_02_features.json"] == "no such file"
    assert gaps["layer_02_celltypes.json"] == gaps["causal_patching.json"] == "layer without features"


def test_an_unknown_atlas_is_imported_without_numbers(source, tmp_path):
    atlas = open_atlas(source)
    assert atlas.known is None
    folder = StepFolder.open(read(source, tmp_path / "runs" / "atlas-key"))
    assert folder.read_table("published_value").is_empty()
    assert folder.read_table("model")["family"].to_list() == ["unknown"]
    gaps = dict(folder.read_table("import_gap").select("file", "reason").rows())
    assert gaps["causal_patching.json"] == "layer not named"
