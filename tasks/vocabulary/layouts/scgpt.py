"""The published scGPT directory: ``args.json``, ``vocab.json`` and ``best_model.pt``.

``vocab.json`` maps gene symbols to tokens from 0 on; ``<pad>``, ``<cls>`` and ``<eoc>`` follow them, and are added in
this order where the file lacks them, as scGPT itself does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.store import RequestError
from tasks.vocabulary.files import opened, read_json_dictionary
from tasks.vocabulary.layouts.dictionaries import read_tokens
from tasks.vocabulary.layouts.layout import Layout
from tasks.vocabulary.vocabulary import Encoding, Vocabulary

ARGUMENTS_FILE, WEIGHT_FILE, VOCABULARY_FILE = "args.json", "best_model.pt", "vocab.json"
SIZES = ("embsize", "nheads", "d_hid", "nlayers")
ONLY = {"input_emb_style": "continuous", "input_style": "binned", "pre_norm": False}  # what is implemented
SPECIAL = ("<pad>", "<cls>", "<eoc>")
N_BINS, PAD_VALUE, MASK_VALUE, LONGEST = 51, -2, -1, 1200  # where args.json does not say


@dataclass(frozen=True)
class Arguments:
    """What ``args.json`` says of the architecture and of the encoding of cells."""

    d_model: int
    n_heads: int
    d_ff: int
    n_layers: int
    n_bins: int
    pad_value: float
    mask_value: float
    longest: int
    name: str | None = None  # of a stand-in that is trained here
    stand_in: bool = False


def read_arguments(model_dir: Path) -> Arguments:
    """``args.json``. Raises RequestError if it is missing or incomplete, or describes what is not implemented."""
    path = model_dir / ARGUMENTS_FILE
    given = read_json_dictionary(path)
    for name in SIZES:
        _positive(given, name, path)
    for name, implemented in ONLY.items():
        if given.get(name, implemented) != implemented:
            raise RequestError(f"{path}: {name} is {given[name]!r}, and only {implemented!r} is implemented")
    if given["embsize"] % given["nheads"]:
        raise RequestError(
            f"{path}: nheads {given['nheads']} does not divide embsize {given['embsize']}: fetch it anew"
        )
    return Arguments(
        d_model=given["embsize"],
        n_heads=given["nheads"],
        d_ff=given["d_hid"],
        n_layers=given["nlayers"],
        n_bins=_positive({"n_bins": N_BINS, **given}, "n_bins", path),
        pad_value=float(given.get("pad_value", PAD_VALUE)),
        mask_value=float(given.get("mask_value", MASK_VALUE)),
        longest=_positive({"max_seq_len": LONGEST, **given}, "max_seq_len", path),
        name=given.get("scfm_name"),
        stand_in=bool(given.get("scfm_stand_in", False)),
    )


def load_vocabulary(model_dir: Path) -> Vocabulary:
    """Symbols and special tokens. ``<cls>`` has the value of padding, as in scGPT's own embedding of cells."""
    arguments = read_arguments(model_dir)
    tokens = read_tokens(model_dir / VOCABULARY_FILE)
    for name in SPECIAL:
        tokens.setdefault(name, len(tokens))
    if max(tokens.values()) != len(tokens) - 1:
        raise RequestError(
            f"{model_dir / VOCABULARY_FILE} leaves out tokens below {max(tokens.values())}: fetch it anew"
        )
    encoding = _encoding(arguments.n_bins, arguments.pad_value, arguments.mask_value)
    return Vocabulary.from_dictionaries(tokens, {}, arguments.longest, encoding)


def new_vocabulary(genes: Sequence[str], longest: int) -> Vocabulary:
    """The vocabulary of a new model: distinct symbols from token 0 on, special tokens behind them, 51 bins."""
    tokens = {name: token for token, name in enumerate((*genes, *SPECIAL))}
    return Vocabulary.from_dictionaries(tokens, {}, longest, _encoding(N_BINS, PAD_VALUE, MASK_VALUE))


def _encoding(n_bins: int, pad_value: float, mask_value: float) -> Encoding:
    values = {"<pad>": float(pad_value), "<cls>": float(pad_value), "<mask>": float(mask_value)}
    return Encoding("bins", "symbol", n_bins, values)


def _positive(given: dict[str, Any], name: str, path: Path) -> int:
    if not isinstance(given.get(name), int) or given[name] < 1:
        raise RequestError(f"{path} gives no {name}: take the args.json that belongs to the weights")
    return int(given[name])


SCGPT = Layout(
    family="scgpt",
    n_layers=lambda model_dir: read_arguments(model_dir).n_layers,
    vocabulary=load_vocabulary,
    weights=lambda model_dir: [opened(model_dir / name) for name in (ARGUMENTS_FILE, WEIGHT_FILE)],
    dictionaries=lambda model_dir: [opened(model_dir / VOCABULARY_FILE)],
)
