"""The published Geneformer directory: which file is where.

A model directory holds ``config.json`` and the weights, in one file or several (``weight_files``). The dictionaries lie
beside them, or in the sibling folder ``geneformer`` of the published repository, as JSON or as pickles.
"""

from pathlib import Path
from typing import Any

from tasks.store import RequestError
from tasks.vocabulary.files import read_json_dictionary
from tasks.vocabulary.layouts.dictionaries import read_dictionary, read_tokens
from tasks.vocabulary.layouts.layout import Layout
from tasks.vocabulary.layouts.weight_files import weight_files
from tasks.vocabulary.vocabulary import Vocabulary

CONFIG_FILE = "config.json"
NAME_FILE = "gene_name_id_dict.json"
LONGEST = 4096  # the longest sequence of any published Geneformer
SIZES = ("num_hidden_layers", "vocab_size", "max_position_embeddings")  # what is read before the weights are
MOST_PADDING, PADDED_TO = 128, 8  # rows of an embedding behind the last token, where its size is a round number
TOKENS = "token_dictionary"
MEDIANS = "gene_median_dictionary"


def read_config(model_dir: Path) -> dict[str, Any]:
    """The model's ``config.json``. Raises RequestError if it is missing, no JSON, incomplete, or of another model."""
    path = model_dir / CONFIG_FILE
    config = read_json_dictionary(path)
    if config.get("model_type") != "bert":
        raise RequestError(
            f"{path} describes a {config.get('model_type')!r} model: Geneformer has model_type 'bert'; "
            "another encoder needs a section [model.own] in the study"
        )
    for name in SIZES:
        if not isinstance(config.get(name), int):
            raise RequestError(f"{path} gives no {name}: take the config.json that belongs to the weights")
    return config


def load_vocabulary(model_dir: Path) -> Vocabulary:
    """The dictionaries that belong to the model in ``model_dir``: those whose tokens fit its embedding.

    Raises RequestError if no dictionary is found, none fits, or one cannot be read.
    """
    tokens, medians = map(read_dictionary, dictionary_files(model_dir))
    longest = min(int(read_config(model_dir)["max_position_embeddings"]), LONGEST)
    return Vocabulary.from_dictionaries(tokens, medians, longest)


def dictionary_files(model_dir: Path) -> list[Path]:
    """The dictionary of tokens that fits the embedding, and that of medians beside it."""
    tokens_path = _fitting_tokens(model_dir, int(read_config(model_dir)["vocab_size"]))
    medians_path = tokens_path.with_name(tokens_path.name.replace(TOKENS, MEDIANS))
    if not medians_path.is_file():
        raise RequestError(f"{medians_path.parent} lacks {medians_path.name}, which belongs to {tokens_path.name}")
    return [tokens_path, medians_path]


def _fitting_tokens(model_dir: Path, vocab_size: int) -> Path:
    """The token dictionary whose largest token is the last row of the embedding, or the last before its padding.

    One that is much shorter belongs to another model, whose tokens mean other genes.
    """
    spare = {path: vocab_size - 1 - max(read_tokens(path).values(), default=-1) for path in _token_files(model_dir)}
    if not spare:
        raise RequestError(f"{model_dir} lacks {TOKENS}.json (or .pkl): put the model's dictionaries there")
    exact = [path for path in spare if spare[path] == 0]
    padded = [path for path in spare if 0 < spare[path] < MOST_PADDING and vocab_size % PADDED_TO == 0]
    if not exact and not padded:
        path, left = next(iter(spare.items()))
        only = "only " if left < 0 else ""
        raise RequestError(
            f"{path} goes up to token {vocab_size - 1 - left}, but {model_dir} embeds {only}{vocab_size}: they differ"
        )
    return agreed(exact or padded)


def agreed(fitting: list[Path]) -> Path:
    """The first of the dictionaries that fit. Raises RequestError if another in its folder gives other tokens."""
    first = fitting[0]
    for other in fitting[1:]:
        if other.parent == first.parent and read_tokens(other) != read_tokens(first):
            raise RequestError(f"{first} and {other.name} both fit the model and differ: leave its own")
    return first


def _token_files(model_dir: Path) -> list[Path]:
    published = model_dir.parent / "geneformer"
    folders = (model_dir, published, published / "gene_dictionaries_30m")
    names = (f"{TOKENS}*.json", f"{TOKENS}*.pkl")
    return [path for folder in folders for name in names for path in sorted(folder.glob(name))]


GENEFORMER = Layout(
    family="geneformer",
    n_layers=lambda model_dir: int(read_config(model_dir)["num_hidden_layers"]),
    vocabulary=load_vocabulary,
    weights=lambda model_dir: [model_dir / CONFIG_FILE, *weight_files(model_dir)],
    dictionaries=dictionary_files,
)
