"""The machine that figures were measured on, and its clock."""

import os
import resource
import time
from collections.abc import Callable
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


def peak_gib() -> float:
    """Most memory that this process ever held, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def seconds(work: Callable[[], object]) -> float:
    """How long some work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
