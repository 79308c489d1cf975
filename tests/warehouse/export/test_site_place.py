"""Where a site may be written, and that it is there whole or not at all."""

import shutil

import duckdb
import pytest

from flows.cli.main import main
from tests.builders.static_site import bytes_of
from warehouse.errors import NoWarehouse, OutOfSpace, UnknownName
from warehouse.export.site import publish_site


def test_a_site_takes_the_place_of_an_older_one_only_if_asked_to(published, site, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("SCFM_HOME", str(published))
    target = tmp_path / "my site"
    target.mkdir()
    assert main(["publish-site", str(target)]) == 0
    said = capsys.readouterr().out
    assert "next:  python -m http.server" in said
    assert f"'{target}'" in said
    assert main(["publish-site", str(target)]) == 2
    assert "add --replace to write it anew" in capsys.readouterr().err
    (target / "data" / "front.json.gz").write_bytes(b"old")
    assert main(["publish-site", str(target), "--replace"]) == 0
    assert bytes_of(target) == bytes_of(site)
    assert [path.name for path in tmp_path.iterdir()] == ["my site"]


@pytest.mark.parametrize(
    ("names", "words"),
    [(["notes.txt"], "holds something else"), (["scfm-site.txt", "notes.txt"], "holds notes.txt beside a site")],
)
def test_other_things_in_the_folder_are_left_alone(published, tmp_path, names, words):
    target = tmp_path / "mine"
    target.mkdir()
    for name in names:
        (target / name).write_text("mine")
    with pytest.raises(UnknownName, match=words) as refused:
        publish_site(target, published, replace=True)
    assert refused.value.exit_status == 2
    assert len(str(refused.value).splitlines()) == 1
    assert {path.name for path in target.iterdir()} == set(names)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_wrong_requests_are_one_line(published, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("SCFM_HOME", str(published))
    (tmp_path / "file").write_text("")
    assert main(["publish-site", str(tmp_path / "file")]) == 2
    assert "is a file: name a new or empty folder" in capsys.readouterr().err
    assert main(["publish-site", str(tmp_path / "new"), "--run", "no"]) == 2
    assert "run no is not published" in capsys.readouterr().err
    with pytest.raises(NoWarehouse):
        publish_site(tmp_path / "new", tmp_path / "nowhere")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_without_room_nothing_is_left(published, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 1000))
    with pytest.raises(OutOfSpace, match="the site takes about"):
        publish_site(tmp_path / "site", published)
    assert not list(tmp_path.iterdir())


def test_work_that_ends_early_leaves_the_older_site(published, site, tmp_path):
    target = tmp_path / "site"
    shutil.copytree(site, target)

    def stop(what, done, total):
        if done == total // 2:
            raise duckdb.InterruptException("stop")

    with pytest.raises(duckdb.InterruptException):
        publish_site(target, published, replace=True, notify=stop)
    assert bytes_of(target) == bytes_of(site)
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
