"""What a term of a library is called beside terms of others."""

import polars as pl


def in_library(library: str, term: str) -> pl.Expr:
    """``library::term`` of two columns: terms of different libraries may have one name. NULL if either is."""
    return pl.concat_str(library, pl.lit("::"), term)
