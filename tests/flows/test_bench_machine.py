"""What benchmarks say of the machine."""

import subprocess
import sys

from tests.conftest import ROOT


def test_a_peak_of_memory_is_the_process_s_own() -> None:
    """Linux hands the peak of a process down to the programs it starts."""
    held = b"\1" * 2**30
    work = "from tests.benchmarks.machine import peak_bytes; print(peak_bytes())"
    done = subprocess.run([sys.executable, "-c", work], cwd=ROOT, check=True, capture_output=True, text=True)
    assert 0 < int(done.stdout) < len(held)
