"""Where tensors live."""

from tasks.store import RequestError


def resolve_device(wanted: str) -> str:
    """``auto`` takes CUDA where there is a device. Raises RequestError for CUDA without one."""
    if wanted == "cpu":
        return "cpu"
    from tasks.models.device import cuda_available  # imports torch, which other commands do without

    if wanted == "cuda" and not cuda_available():
        raise RequestError('device = "cuda", but no CUDA device is visible here: set device = "cpu" or "auto"')
    return "cuda" if cuda_available() else "cpu"
