"""Content keys name content, not its spelling."""

import hashlib

import pytest

from tasks.store import content_key, sha256_file


def test_key_ignores_order_and_sees_every_value():
    assert content_key({"a": 1, "b": [1, 2]}) == content_key({"b": [1, 2], "a": 1})
    assert content_key({"a": 1}) != content_key({"a": 2})
    assert len(content_key({})) == 16


def test_key_refuses_what_json_cannot_say():
    with pytest.raises(ValueError, match="not JSON compliant"):
        content_key({"a": float("nan")})


def test_file_hash_is_sha256(tmp_path):
    (tmp_path / "f").write_bytes(b"cells")
    assert sha256_file(tmp_path / "f") == hashlib.sha256(b"cells").hexdigest()
