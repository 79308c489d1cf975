"""The directory of a Hugging Face encoder of your own; the study says which files hold its tokens and medians."""

from functools import partial
from pathlib import Path
from typing import Any

from tasks.store import RequestError
from tasks.vocabulary.files import opened, read_json_dictionary
from tasks.vocabulary.layouts.dictionaries import read_dictionary, read_tokens
from tasks.vocabulary.layouts.layout import Layout
from tasks.vocabulary.layouts.weight_files import weight_files
from tasks.vocabulary.own_settings import OwnEncoder
from tasks.vocabulary.vocabulary import Encoding, Vocabulary

CONFIG_FILE = "config.json"
DEPTHS = ("num_hidden_layers", "n_layers", "n_layer", "num_layers")  # what model types call it


def own_layout(own: OwnEncoder) -> Layout:
    """The layout of a directory that ``own`` describes."""
    return Layout(
        family="own",
        n_layers=count_layers,
        vocabulary=partial(load_vocabulary, own),
        weights=lambda model_dir: [opened(model_dir / CONFIG_FILE), *weight_files(model_dir)],
        dictionaries=lambda model_dir: [
            opened(model_dir / name) for name in (own.tokens, own.medians) if name is not None
        ],
    )


def read_config(model_dir: Path) -> dict[str, Any]:
    """The ``config.json`` of the model."""
    return read_json_dictionary(model_dir / CONFIG_FILE)


def count_layers(model_dir: Path) -> int:
    """Blocks of the encoder. Raises RequestError if the configuration does not say."""
    config = read_config(model_dir)
    for name in DEPTHS:
        if isinstance(config.get(name), int):
            return int(config[name])
    raise RequestError(
        f"{model_dir / CONFIG_FILE} gives no {DEPTHS[0]}: it describes no encoder of one stack of blocks"
    )


def load_vocabulary(own: OwnEncoder, model_dir: Path) -> Vocabulary:
    """The dictionaries that ``own`` names; names in angle or square brackets are special tokens, the rest genes.

    Raises RequestError if one of the special tokens is not in the dictionary.
    """
    path = model_dir / own.tokens
    tokens = read_tokens(path)
    special = {"<pad>": own.pad, "<mask>": own.mask, "<cls>": own.start, "<eos>": own.end}
    for key, name in special.items():
        if name is not None and name not in tokens:
            raise RequestError(f"model.own: {path} has no token {name} (for {key}): name one that it has")
    named = {key: tokens[name] for key, name in special.items() if name is not None}
    genes = {name: token for name, token in tokens.items() if name not in special.values() and name[:1] not in "<["}
    medians = read_dictionary(model_dir / own.medians) if own.medians is not None else {}
    encoding = Encoding("rank", own.genes)
    return Vocabulary.from_dictionaries(genes | named, medians, own.longest, encoding)
