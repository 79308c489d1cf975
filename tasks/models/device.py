"""Where tensors live."""

import torch


def cuda_available() -> bool:
    """Whether a CUDA device is visible."""
    return torch.cuda.is_available()
