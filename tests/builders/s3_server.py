"""A real S3 server on loopback, and machines that share a home in it: each has a working home of its own."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

ACCESS = {
    "AWS_ACCESS_KEY_ID": "scfm",
    "AWS_SECRET_ACCESS_KEY": "scfm",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@contextmanager
def s3_server() -> Iterator[str]:
    """The address of a server that ends with the block. What it holds is in this process's memory."""
    pytest.importorskip("s3fs", reason="pip install -e '.[dev,s3]'")
    server = pytest.importorskip("moto.server", reason="pip install -e '.[dev,s3]'")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        running.stop()


def make_bucket(address: str, name: str) -> None:
    """Make a bucket on the server."""
    urlopen(Request(f"{address}/{name}", method="PUT")).close()


def machine(root: Path, name: str, url: str) -> Path:
    """The working home of a machine that has seen nothing of the store yet."""
    from flows.shared_home import open_shared

    home = root / name
    open_shared(url, home)
    return home
