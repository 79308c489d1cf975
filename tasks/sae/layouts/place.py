"""Where an autoencoder's files say that it was trained: behind which block of the model.

Layer L is the output of block L, counted from 0. Read as such are

    blocks.L.hook_resid_post, blocks.L.hook_normalized_resid_post    TransformerLens; of a block with norms behind, too
    encoder.layer.L, transformer.h.L, layers.L, layer.L.output       paths of blocks in PyTorch; BERT's last part
    resid_post_layer_L, resid_out_layerL, layer_L                    names that dictionary_learning is given
    blocks.L.hook_resid_pre, resid_pre_layer_L, ...                  what block L reads: layer L - 1

Everything else (attention, feed-forward, single heads, embeddings, what stands between two parts of a block) is no
output of a block, and an autoencoder of it makes no sense there.
"""

import re
from pathlib import Path

from tasks.sae.sae import UNTOLD
from tasks.store import RequestError

READS = {"post": 0, "out": 0, "pre": -1, "in": -1}  # how far the layer is from the block's number
LENS = re.compile(r"blocks\.(?P<n>\d+)\.hook_(?P<side>normalized_resid_post|resid_post|resid_pre)")
NAMED = re.compile(r"resid(?:ual)?_(?P<side>post|out|pre|in)_?(?:layer_?)?(?P<n>\d+)")
NAMED_BEHIND = re.compile(r"layer_?(?P<n>\d+)(?:_resid(?:ual)?_(?P<side>post|out|pre|in))?")
BLOCK = re.compile(r"\.?(?:[a-z_]\w*\.)*(?:layers?|h|blocks?)\.(?P<n>\d+)(?P<part>\.output)?", re.IGNORECASE)


def told_layer(file: Path, name: str | None, number: int | None, reads: str | None = None) -> int:
    """The layer that ``file`` tells by the ``name`` of a place, by a block's ``number``, or by both; UNTOLD if neither.

    ``reads`` says whether the activations were those that go into the named module (``in``) or come out of it.
    Raises RequestError for a place that is no output of a block, and for two numbers that differ.
    """
    if not name:
        if reads not in (None, "out"):
            raise RequestError(f"{file}: it reads what goes {reads} a module, and does not name it")
        return UNTOLD if number is None else number
    plain = re.sub(r"\[(\d+)\]", r".\1", name.strip().replace("{layer}", str(number)))
    found, shift = _found(plain, reads)
    if found is None:
        what = f"what goes in {name}" if reads == "in" else name
        raise RequestError(
            f"{file}: it was trained on {what}, which is not the output of a block, such as "
            "blocks.3.hook_resid_post or encoder.layer.3: take one that was"
        )
    if number not in (None, found):
        raise RequestError(f"{file}: it was trained on {name}, but on layer {number}: which is meant?")
    if found + shift < 0:
        raise RequestError(f"{file}: it was trained on {name}, what the first block reads: it is of no block's output")
    return found + shift


def folder_place(folder: Path) -> str | None:
    """A module's path that a folder is named after, as sparsify names them; None if it is named otherwise."""
    named = folder.parent if re.fullmatch(r"seed\d+", folder.name) else folder
    is_module = re.fullmatch(rf"(?:{BLOCK.pattern})(?:\.[a-z_]\w*)*", named.name, re.IGNORECASE)
    return named.name if is_module else None


def _found(name: str, reads: str | None) -> tuple[int | None, int]:
    """The number of the block that is named, and how far from it the layer is."""
    if match := BLOCK.fullmatch(name):
        if reads in (None, "out"):
            return int(match["n"]), 0
        return (int(match["n"]), -1) if reads == "in" and match["part"] is None else (None, 0)
    for form in (LENS, NAMED, NAMED_BEHIND):
        if (match := form.fullmatch(name)) and reads in (None, "out"):
            return int(match["n"]), READS[(match["side"] or "post").rpartition("_")[2]]
    return None, 0
