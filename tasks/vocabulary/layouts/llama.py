"""A decoder over ranked genes in Hugging Face's Llama layout, as MaxToki is published: which file is where.

The directory holds ``config.json`` of model_type ``llama``, the weights, in one file or several (``weight_files``), and
the dictionaries of tokens and medians, as JSON or as pickles. A cell is ``<bos>``, its genes by falling counts per
10,000 over the gene's median, ``<eos>``.

MaxToki's dictionary of tokens also holds numbers ("-1500" to "1499") and marks of questions, which stand for spans of
time: they are in no cell, and no part of the vocabulary here. Models of the first stage have no rows for them.
"""

import re
from pathlib import Path
from typing import Any

from tasks.store import RequestError
from tasks.vocabulary.files import read_json_dictionary
from tasks.vocabulary.layouts.dictionaries import read_dictionary, read_tokens
from tasks.vocabulary.layouts.geneformer import CONFIG_FILE, MEDIANS, MOST_PADDING, PADDED_TO, SIZES, TOKENS, agreed
from tasks.vocabulary.layouts.layout import Layout
from tasks.vocabulary.layouts.weight_files import weight_files
from tasks.vocabulary.vocabulary import Vocabulary

MODEL_TYPE = "llama"
LONGEST = 65_535  # positions that the tables of cells can hold
ROTARY = ("default", "linear", "llama3", "yarn")  # scalings whose angles depend on the position alone
NEEDED = ("<pad>", "<bos>")
READ = (*NEEDED, "<mask>", "<eos>")  # other marks stand in no cell
NUMBER = re.compile(r"-?\d+")


def read_config(model_dir: Path) -> dict[str, Any]:
    """The model's ``config.json``.

    Raises RequestError if it is missing, no JSON, incomplete, quantised, or asks for what is not implemented.
    """
    path = model_dir / CONFIG_FILE
    config = read_json_dictionary(path)
    for name in SIZES:
        if not isinstance(config.get(name), int):
            raise RequestError(f"{path} gives no {name}: take the config.json that belongs to the weights")
    if config.get("quantization_config"):
        raise RequestError(f"{path} says that the weights are quantised: give the original ones")
    given = config.get("rope_parameters") or config.get("rope_scaling") or {}
    rotary = given if isinstance(given, dict) else {"rope_type": str(given)}
    kind = rotary.get("rope_type", rotary.get("type", "default"))
    if kind not in ROTARY:
        raise RequestError(f"{path}: rotary positions of type {kind!r} are not implemented, only {', '.join(ROTARY)}")
    if {config.get("partial_rotary_factor"), rotary.get("partial_rotary_factor")} - {None, 1.0}:
        raise RequestError(f"{path}: partial_rotary_factor is set, and turning a part of a head is not implemented")
    return config


def load_vocabulary(model_dir: Path) -> Vocabulary:
    """The dictionaries that belong to the model: those whose tokens fit its embedding.

    Raises RequestError if there is none, none fits, one cannot be read, or a special token is missing.
    """
    path, medians = dictionary_files(model_dir)
    tokens = _in_cells(read_tokens(path))
    for name in NEEDED:
        if name not in tokens:
            raise RequestError(f"{path} has no token {name}: take the dictionary that belongs to the weights")
    longest = min(int(read_config(model_dir)["max_position_embeddings"]), LONGEST)
    return Vocabulary.from_dictionaries(tokens, read_dictionary(medians), longest)


def dictionary_files(model_dir: Path) -> list[Path]:
    """The dictionary of tokens that fits the embedding, and that of medians beside it."""
    rows = int(read_config(model_dir)["vocab_size"])
    paths = [path for name in (f"{TOKENS}*.json", f"{TOKENS}*.pkl") for path in sorted(model_dir.glob(name))]
    if not paths:
        raise RequestError(f"{model_dir} lacks {TOKENS}.json (or .pkl): put the model's dictionaries there")
    fitting = [path for path in paths if _fits(read_tokens(path), rows)]
    if not fitting:
        last = max(_in_cells(read_tokens(paths[0])).values(), default=-1)
        raise RequestError(f"{paths[0]} has genes up to token {last}, but {model_dir} embeds {rows}: they differ")
    tokens = agreed(fitting)
    medians = tokens.with_name(tokens.name.replace(TOKENS, MEDIANS))
    if not medians.is_file():
        raise RequestError(
            f"{model_dir} lacks {medians.name}, which belongs to {tokens.name}: put there the medians of the corpus "
            "that the model was trained on"
        )
    return [tokens, medians]


def _in_cells(tokens: dict[str, int]) -> dict[str, int]:
    """Genes, and the special tokens that stand in cells."""
    return {
        name: token
        for name, token in tokens.items()
        if name in READ or not (name.startswith("<") or NUMBER.fullmatch(name))
    }


def _fits(tokens: dict[str, int], rows: int) -> bool:
    """Whether the last token of all, or the last that stands in cells, has the last row, or the last before padding."""
    spare = [rows - 1 - max(each.values(), default=-1) for each in (tokens, _in_cells(tokens))]
    return 0 in spare or (rows % PADDED_TO == 0 and any(0 < each < MOST_PADDING for each in spare))


LLAMA = Layout(
    family="llama",
    n_layers=lambda model_dir: int(read_config(model_dir)["num_hidden_layers"]),
    vocabulary=load_vocabulary,
    weights=lambda model_dir: [model_dir / CONFIG_FILE, *weight_files(model_dir)],
    dictionaries=dictionary_files,
)
