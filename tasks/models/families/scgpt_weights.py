"""The weights of an scGPT checkpoint under one set of names, whatever it was saved by.

1. The fused projection of attention is ``Wqkv`` of FlashAttention 1 (``self_attn.Wqkv``), of the wrapper that scGPT has
   had since 2026 (``self_attn._impl.Wqkv``, ``self_attn._impl.out_proj``), or PyTorch's ``in_proj``. Rows are queries,
   keys, values in each.
2. Heads for other tasks, and what pre-training left over, are not read.
3. Batch normalisation between embedding and blocks is ``bn``, or ``dsbn.bns.0`` where there is one batch alone; it has
   no scale and shift of its own unless they are in the file. Of several batches, cells here name none: refused.
"""

import re
from pathlib import Path

import torch
from torch import Tensor

from tasks.models.weights import renamed
from tasks.store import RequestError

HEADS = ("cls_decoder.", "mvc_decoder.", "grad_reverse_discriminator.", "batch_encoder.", "decoder.zero_logit.")
LEFT_OVER = ("flag_encoder.", "sim.", "creterion_cce.")  # of pre-training, unused by the published forward pass
COUNTER = "num_batches_tracked"  # of batch normalisation in training
DOMAIN = re.compile(r"dsbn\.bns\.(\d+)\.")


def plain_weights(given: dict[str, Tensor], path: Path, decodes: bool) -> dict[str, Tensor]:
    """Weights that are read, by PyTorch's names; of the ``decoder`` only if it ``decodes``.

    Raises RequestError for one weight under two names, and for batch normalisation of several batches.
    """
    domains = {found[1] for name in given if (found := DOMAIN.match(name))}
    if domains - {"0"}:
        raise RequestError(
            f"{path} holds dsbn.bns.{max(domains, key=int)}: batch normalisation of several batches, of which cells "
            "here name none; give a checkpoint without it"
        )
    unread = (*HEADS, *LEFT_OVER) if decodes else (*HEADS, *LEFT_OVER, "decoder.")
    read = {
        name: weight for name, weight in given.items() if not name.startswith(unread) and not name.endswith(COUNTER)
    }
    plain = renamed(read, _plain, path)
    mean = plain.get("bn.running_mean")
    if mean is not None and not {"bn.weight", "bn.bias"} & plain.keys():
        plain |= {"bn.weight": torch.ones_like(mean), "bn.bias": torch.zeros_like(mean)}
    return plain


def _plain(name: str) -> str:
    unwrapped = DOMAIN.sub("bn.", name.replace("self_attn._impl.", "self_attn."))
    return re.sub(r"self_attn\.Wqkv\.(weight|bias)$", r"self_attn.in_proj_\1", unwrapped)
