"""The machine that figures were measured on, and its clock."""

import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from flows.record import hardware


def machine(device: str = "cpu") -> dict[str, Any]:
    """Processor, cores, threads, torch and device; ``load`` is the number of busy cores in the last minute."""
    cuda = device.startswith("cuda")
    return {
        "hardware": hardware(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name(device) if cuda else device,
        "load": os.getloadavg()[0],
    }


def machine_line(figures: dict[str, Any]) -> str:
    """The machine in one line."""
    about = figures["machine"]
    return f"{about['hardware']}; {about['threads']} threads, torch {about['torch']}, {about['device']}"


def peak_bytes() -> int:
    """Most memory that this process ever held, in bytes.

    Linux hands ``ru_maxrss`` down through fork and exec: a small process that a large one starts reports what the large
    one held. ``VmHWM`` begins anew with the program.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def peak_gib() -> float:
    """Most memory that this process ever held, in GiB."""
    return peak_bytes() / 2**30


def seconds(work: Callable[[], object], device: str = "cpu") -> float:
    """How long some work takes, until the device has done all of it."""
    _wait_for(device)
    begun = time.perf_counter()
    work()
    _wait_for(device)
    return time.perf_counter() - begun


def _wait_for(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
