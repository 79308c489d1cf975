"""Whether an estimate of memory fits the machine, asked before the work starts."""

from pathlib import Path

from tasks.store.errors import RequestError


def available_memory(meminfo: Path = Path("/proc/meminfo")) -> int | None:
    """Bytes that can be allocated without swapping, None where the system does not tell."""
    if not meminfo.exists():
        return None
    lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
    return int(lines["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in lines else None


def require_memory(needed: int, work: str, remedy: str) -> None:
    """Raise RequestError, with the remedy, if ``work`` needs more bytes than are available."""
    available = available_memory()
    if available is not None and needed > available:
        raise RequestError(
            f"{work} needs about {needed / 1e9:.2f} GB of memory, {available / 1e9:.2f} GB is available: {remedy}"
        )
