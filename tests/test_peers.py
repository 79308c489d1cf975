"""Other packages of the field agree with ours: tests/peers, run in the environment that ``make peers`` installs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT

PEERS = Path(sys.prefix) / "peers" / "bin" / "python"
LOCK, OURS = (ROOT / path for path in ("tests/peers/peers.lock", "locks/python3.11.txt"))


@pytest.mark.slow
@pytest.mark.skipif(not PEERS.exists(), reason="other packages are not installed: make peers")
def test_other_packages_find_the_same_features():
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    words = [str(PEERS), "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider", "tests/peers"]
    done = subprocess.run(words, cwd=ROOT, env=plain, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert re.search(r"^\d+ passed\b(?!.*skipped)", done.stdout, flags=re.MULTILINE), done.stdout[-1000:]


def test_the_other_packages_leave_our_lock_as_it_is():
    theirs, ours = (
        {name.lower() for name in re.findall(r"^([\w.-]+)==", lock.read_text(), flags=re.MULTILINE)}
        for lock in (LOCK, OURS)
    )
    assert {"sae-lens", "dictionary-learning", "eai-sparsify", "scib-metrics"} <= theirs
    assert not theirs & ours
