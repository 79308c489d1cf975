"""Texts that every kind of exported file can hold: XML and HDF5 know no control characters."""

import re

import polars as pl

UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # what XML 1.0 leaves out; HDF5 leaves out \x00


def writable(text: str) -> str:
    """The text with control characters spelled out, as in ``\\x01``; markup is the writers' to escape."""
    return UNWRITABLE.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def writable_texts(frame: pl.DataFrame) -> pl.DataFrame:
    """A table whose texts are ``writable``."""
    return frame.with_columns(pl.col(pl.String).map_elements(writable, return_dtype=pl.String))
