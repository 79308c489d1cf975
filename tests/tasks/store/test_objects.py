"""Objects of a bucket: written on a condition, and every trouble one line."""

import sys
from unittest.mock import patch

import pytest

from tasks.store import ScfmError
from tasks.store.objects import Objects, _client
from tests.builders.s3_server import machine


def test_a_line_whose_answer_was_lost_is_still_ours(bucket):
    store = Objects(bucket)
    assert store.create("x", b"line")
    assert store.create("x", b"line")
    assert not store.create("x", b"other")
    known = store.read("x")
    assert store.replace("x", b"newer", known)
    assert not store.replace("x", b"mine", known)
    assert not store.replace("y", b"mine", known)
    assert store.replace("y", b"mine", None)
    assert (store.read("x").data, store.read("z")) == (b"newer", None)


@pytest.mark.parametrize("ignored", ["IfNoneMatch", "IfMatch"])
def test_a_store_that_ignores_conditions_is_refused(bucket, ignored, tmp_path):
    put = Objects._put

    def careless(store: Objects, name: str, data: bytes, **condition: str) -> bool:
        if ignored not in condition:
            return put(store, name, data, **condition)
        store.write(name, data)
        return True

    with (
        patch.object(Objects, "_put", careless),
        pytest.raises(ScfmError, match="needs a store that knows both"),
    ):
        machine(tmp_path, "one", bucket)
    assert not (tmp_path / "one").exists()
    machine(tmp_path, "one", bucket)


def test_a_bucket_that_is_not_there_is_one_line(bucket, tmp_path):
    with pytest.raises(ScfmError, match=r"^cannot use s3://nowhere/x \(.*\): see that the bucket exists.*is kept$"):
        machine(tmp_path, "three", "s3://nowhere/x")
    assert not (tmp_path / "three").exists()


def test_a_package_that_is_not_installed_is_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    _client.cache_clear()
    with pytest.raises(ScfmError) as caught:
        Objects("s3://bucket/x")
    assert str(caught.value) == "SCFM_HOME=s3://bucket/x needs one more package: pip install 'scfm-atlas[s3]'"
    assert caught.value.exit_status == 2


@pytest.mark.parametrize("url", ["gs://bucket/x", "s3://", "s3:///x"])
def test_another_kind_of_store_is_refused(url):
    with pytest.raises(ScfmError, match="no object store that is understood here: give s3://bucket/prefix"):
        Objects(url)
