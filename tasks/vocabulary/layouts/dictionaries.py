"""Dictionaries from outside: JSON, or pickles of plain values, which may run nothing."""

from numbers import Integral
from pathlib import Path
from typing import Any

from tasks.store import RequestError
from tasks.vocabulary.files import read_json_dictionary
from tasks.vocabulary.layouts.pickles import read_pickled_dictionary


def read_dictionary(path: Path) -> dict[str, Any]:
    """A dictionary with text keys, from JSON or from a pickle of plain values."""
    return read_json_dictionary(path) if path.suffix == ".json" else read_pickled_dictionary(path)


def read_tokens(path: Path) -> dict[str, int]:
    """Tokens by name. Raises RequestError if one is no number from 0, or two names have the same."""
    given = read_dictionary(path)
    tokens: dict[str, int] = {}
    for name, token in given.items():
        if isinstance(token, bool) or not isinstance(token, Integral) or token < 0:
            raise RequestError(
                f"{path}: {name} has token {token!r}, which is no whole number from 0: fetch the file anew"
            )
        tokens[name] = int(token)
    if len(set(tokens.values())) < len(tokens):
        raise RequestError(f"{path} gives two genes the same token: fetch the file anew")
    return tokens
