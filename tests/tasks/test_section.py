"""Settings that are paths of this machine."""

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from tasks.cells.settings import CellsSettings
from tasks.section import LOCAL, Section, without_local_paths


class Settings(Section):
    one: Annotated[str | None, LOCAL] = None
    many: Annotated[dict[str, tuple[str, ...]], LOCAL] = Field(default_factory=dict)
    word: str = ""


def test_a_tilde_is_the_home_folder_in_paths_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    found = Settings(one="~/a", many={"x": ("~/b", "c~", "~nobody-of-this-name/d")}, word="~/e")
    assert found.one == "/somewhere/a"
    assert found.many == {"x": ("/somewhere/b", "c~", "~nobody-of-this-name/d")}
    assert found.word == "~/e"
    assert CellsSettings(path=["~/a.h5ad", "b.h5ad"]).paths == ("/somewhere/a.h5ad", "b.h5ad")
    assert Settings().one is None
    assert Path(CellsSettings(path="~/a.h5ad").paths[0]) == Path("/somewhere/a.h5ad")


class Holder(Section):
    others: dict[str, Settings] = Field(default_factory=dict)


def test_of_a_path_the_last_part_is_recorded_wherever_its_section_stands() -> None:
    given = Holder(others={"a": Settings(one="/here/b.toml", many={"x": ("/there/c",)}, word="/d/e")})
    assert without_local_paths(given) == {"others": {"a": {"one": "b.toml", "many": {"x": ["c"]}, "word": "/d/e"}}}
