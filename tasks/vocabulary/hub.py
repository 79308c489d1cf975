"""Where a study's model lies: a directory, or a pinned revision of a repository of the Hugging Face hub.

``hf:OWNER/REPOSITORY@REVISION`` or ``hf:OWNER/REPOSITORY/FOLDER@REVISION``; the revision is a commit of 40 hex digits:
a branch or a tag may name other weights tomorrow.
"""

import re
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, IncompleteSnapshotError, LocalEntryNotFoundError

from tasks.store import RequestError

HUB = "hf:"
PART = r"[\w-][\w.-]*"
NAME = re.compile(rf"hf:(?P<repository>{PART}/{PART})(/(?P<folder>{PART}(/{PART})*))?@(?P<revision>[0-9a-f]{{40}})")
DICTIONARIES = "geneformer/*dictionar*"  # beside the folders of Geneformer's models, pickled


def model_path(path: str) -> Path:
    """The directory of a model, fetched if the study names a repository of the hub and it is not here yet.

    Raises RequestError for a name without a pinned revision, and if it cannot be fetched.
    """
    if not path.startswith(HUB):
        return Path(path).expanduser()
    match = NAME.fullmatch(path)
    if match is None:
        raise RequestError(
            f"model.path: {path} names no pinned revision: write hf:OWNER/REPOSITORY/FOLDER@REVISION with the 40 hex "
            "digits of a commit (FOLDER only where the repository has several models)"
        )
    repository, folder = match["repository"], match["folder"]
    wanted = None if folder is None else [f"{folder}/*", DICTIONARIES, DICTIONARIES.replace("/*", "/*/*")]
    found = Path(_fetch(path, repository, match["revision"], wanted))
    return found if folder is None else found / folder


def _fetch(path: str, repository: str, revision: str, wanted: list[str] | None) -> str:
    try:
        return snapshot_download(repository, revision=revision, allow_patterns=wanted, local_files_only=True)
    except (LocalEntryNotFoundError, IncompleteSnapshotError):
        pass  # not here yet, or not all of it
    try:
        return snapshot_download(repository, revision=revision, allow_patterns=wanted)
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise RequestError(
            f"model.path: {path} cannot be fetched ({line}): connect this machine, or give a directory"
        ) from None
