"""Objects of an S3 bucket: each is there whole or not at all, and some are written on a condition.

1. ``create`` and ``replace`` ask the store itself (If-None-Match, If-Match) whether another machine was faster. They
   are for small objects: ledger lines, manifests, the pointer to the snapshot.
2. What is large is written under a name that holds its hash, so that writing it twice changes nothing.

Where the store is and who asks comes from the environment, as with any S3 client: ``AWS_ENDPOINT_URL``,
``AWS_ACCESS_KEY_ID`` and so on, or a profile.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from secrets import token_bytes
from typing import Any, NamedTuple

from tasks.store.atomic import explain_full_disk
from tasks.store.errors import RequestError, StoreTrouble

SCHEME = "s3://"
ABSENT = ("NoSuchKey", "404")
LOST = ("PreconditionFailed", "412", *ABSENT)  # the object is not, or is no longer, as the condition says
AGAIN = ("ConditionalRequestConflict", "409")  # two writers at one moment: the store asks to repeat the request
TRIES = 10
PROBE, NO_TAG = "conditional-writes", '"00000000000000000000000000000000"'


class Version(NamedTuple):
    """An object's bytes and the tag by which the store knows them."""

    data: bytes
    tag: str


class Objects:
    """All objects below ``s3://bucket/prefix``. Names are relative to it. Methods raise StoreTrouble, in one line."""

    def __init__(self, url: str) -> None:
        """One client per process. Raises RequestError for another kind of URL, or if no client is installed."""
        self.url = url.rstrip("/")
        self._bucket, _, self._prefix = self.url.removeprefix(SCHEME).partition("/")
        if not self.url.startswith(SCHEME) or not self._bucket:
            raise RequestError(f"{url} is no object store that is understood here: give {SCHEME}bucket/prefix")
        try:
            self._files = _client(os.getpid())
        except ImportError:
            raise RequestError(f"SCFM_HOME={url} needs one more package: pip install 'scfm-atlas[s3]'") from None

    def read(self, name: str) -> Version | None:
        """The object, None if there is none."""
        from fsspec.asyn import sync  # noqa: PLC0415 - an optional package, as below

        with self._explained():
            try:
                found: Version = sync(self._files.loop, self._read, self._key(name))
            except OSError as error:
                if _absent(error):
                    return None
                raise
        return found

    async def _read(self, key: str) -> Version:
        answer = await self._files._call_s3("get_object", Bucket=self._bucket, Key=key)  # bytes and tag of one moment
        async with answer["Body"] as body:
            return Version(await body.read(), answer["ETag"])

    def create(self, name: str, data: bytes) -> bool:
        """Write an object that is not there yet; whether it now holds these bytes, or another writer's."""
        return self._put(name, data, IfNoneMatch="*")

    def replace(self, name: str, data: bytes, known: Version | None) -> bool:
        """Write an object that is still as it was ``known`` to be; whether it now holds these bytes, or another's."""
        return self.create(name, data) if known is None else self._put(name, data, IfMatch=known.tag)

    def require_conditions(self) -> None:
        """Raises RequestError if the store ignores conditions: machines would overwrite what others wrote."""
        self.create(PROBE, b"nobody overwrites this\n")
        other = token_bytes(16)
        if self.create(PROBE, other) or self.replace(PROBE, other, Version(other, NO_TAG)):
            raise RequestError(
                f"{self.url} writes although If-None-Match or If-Match forbids it: a home needs a store that knows both"
            )

    def write(self, name: str, data: bytes) -> None:
        """Write an object, whatever was there."""
        with self._explained():
            self._files.pipe_file(self._path(name), data)

    def upload(self, source: Path, name: str) -> None:
        """Write a file's bytes under a name that only these bytes have."""
        with self._explained():
            self._files.put_file(str(source), self._path(name))

    def download(self, name: str, target: Path) -> bool:
        """Write an object's bytes to a file; False if there is no such object."""
        with self._explained(), explain_full_disk(target):
            try:
                self._files.get_file(self._path(name), str(target))
            except OSError as error:
                if _absent(error):
                    return False
                raise
            return True

    def sizes(self, below: str) -> dict[str, int]:
        """Bytes of every object whose name begins with ``below/``, by name."""
        with self._explained():
            found = self._files.find(self._path(below) + "/", detail=True)
        return {path.removeprefix(self._path("")): int(about["size"]) for path, about in found.items()}

    def children(self, below: str) -> tuple[dict[str, str], set[str]]:
        """Last parts of the names just below ``below/``: of objects, with their tags, and of folders."""
        with self._explained():
            try:
                found = self._files.ls(self._path(below), detail=True, refresh=True)
            except OSError as error:
                if not _absent(error):
                    raise
                found = []
        last = [(about["name"].rstrip("/").rpartition("/")[2], about) for about in found]
        files = {name: str(about["ETag"]) for name, about in last if about["type"] == "file"}
        return files, {name for name, about in last if about["type"] == "directory"}

    def remove(self, name: str) -> None:
        """Remove an object, if it is there."""
        with self._explained():
            self._files.rm_file(self._path(name))

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    def _path(self, name: str) -> str:
        return f"{self._bucket}/{self._key(name)}"

    def _put(self, name: str, data: bytes, **condition: str) -> bool:
        with self._explained():
            for left in reversed(range(TRIES)):
                try:
                    self._files.call_s3("put_object", Bucket=self._bucket, Key=self._key(name), Body=data, **condition)
                except OSError as error:
                    if _code(error) in AGAIN and left:
                        continue
                    if _code(error) not in LOST:
                        raise
                    break
                return True
        found = self.read(name)  # ours, if the answer was lost and the request was sent once more
        return found is not None and found.data == data

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn whatever the client raises into one line."""
        from aiohttp import ClientError  # noqa: PLC0415 - what the client itself needs
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415

        try:
            yield
        except (OSError, BotoCoreError, ClientError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise StoreTrouble(
                f"cannot use {self.url} ({reason}): see that the bucket exists, that AWS_ENDPOINT_URL and the "
                "credentials are right, and run the same command again; what was finished is kept"
            ) from error


@lru_cache(maxsize=2)
def _client(_process: int) -> Any:  # noqa: ANN401 - a package without types
    from s3fs import S3FileSystem  # noqa: PLC0415 - an optional package

    return S3FileSystem(use_listings_cache=False, skip_instance_cache=True)


def _code(error: OSError) -> str:
    """What the store calls the error; of one that the client found by itself, nothing."""
    answer = getattr(error.__cause__, "response", {})
    return str(answer.get("Error", {}).get("Code", ""))


def _absent(error: OSError) -> bool:
    return isinstance(error, FileNotFoundError) and _code(error) in ("", *ABSENT)
