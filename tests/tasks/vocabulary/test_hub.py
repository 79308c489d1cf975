"""Models of the Hugging Face hub: pinned revisions only, found in the cache, or fetched."""

from pathlib import Path

import pytest
from huggingface_hub.errors import LocalEntryNotFoundError

from tasks.models.load import load_adapter
from tasks.store import RequestError
from tasks.vocabulary import hub
from tasks.vocabulary.hub import model_path
from tests.builders.models import tiny_geneformer

REVISION = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Calls to the hub's boundary; the repository is here from the second call on."""
    calls: list[dict[str, object]] = []
    snapshot = tmp_path / "models--ctheodoris--Geneformer" / "snapshots" / REVISION

    def fetch(repository: str, **settings: object) -> str:
        calls.append({"repository": repository, **settings})
        if settings.get("local_files_only") and not snapshot.is_dir():
            raise LocalEntryNotFoundError("not here")
        tiny_geneformer(snapshot / "Geneformer-V2-104M")
        return str(snapshot)

    monkeypatch.setattr(hub, "snapshot_download", fetch)
    return calls


def test_one_model_of_a_repository_is_fetched_once(asked):
    name = f"hf:ctheodoris/Geneformer/Geneformer-V2-104M@{REVISION}"
    first, second = model_path(name), model_path(name)
    assert first == second
    assert load_adapter(first).info.name == "Geneformer-V2-104M"
    assert [call.get("local_files_only") for call in asked] == [True, None, True]
    assert {(call["repository"], call["revision"]) for call in asked} == {("ctheodoris/Geneformer", REVISION)}
    patterns = asked[1]["allow_patterns"]
    assert patterns[0] == "Geneformer-V2-104M/*", "not the other models"
    assert all("dictionar" in pattern for pattern in patterns[1:])


def test_a_whole_repository_is_called_after_itself(asked):
    folder = model_path(f"hf:ctheodoris/Geneformer@{REVISION}")
    assert asked[-1]["allow_patterns"] is None
    assert folder.name == REVISION
    tiny_geneformer(folder)
    assert load_adapter(folder).info.name == "Geneformer"


@pytest.mark.parametrize(
    "name",
    [
        "hf:ctheodoris/Geneformer",
        "hf:ctheodoris/Geneformer@main",
        f"hf:Geneformer@{REVISION}",
        f"hf:a/b/../../c@{REVISION}",
        "hf:",
    ],
)
def test_a_name_without_a_pinned_revision_is_refused(asked, name):
    with pytest.raises(RequestError, match="names no pinned revision: write hf:OWNER/REPOSITORY") as caught:
        model_path(name)
    assert "\n" not in str(caught.value)
    assert not asked


def test_without_a_network_one_line_says_so(monkeypatch):
    def fail(*_: object, **__: object) -> str:
        raise LocalEntryNotFoundError("Got: ConnectError: no route\nAn error happened")

    monkeypatch.setattr(hub, "snapshot_download", fail)
    with pytest.raises(RequestError, match=r"cannot be fetched \(Got: ConnectError: no route\): connect") as caught:
        model_path(f"hf:a/b@{REVISION}")
    assert "\n" not in str(caught.value)


def test_a_cached_revision_needs_no_network(tmp_path, monkeypatch):
    from huggingface_hub import constants

    cache = tmp_path / "hub"
    snapshot = tiny_geneformer(cache / "models--me--mine" / "snapshots" / REVISION)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert model_path(f"hf:me/mine@{REVISION}") == snapshot


def test_a_path_is_a_path():
    assert model_path("somewhere/model") == Path("somewhere/model")
