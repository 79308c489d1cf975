"""How many edges there are, over how many units, and how well the traced cells are explained, in words."""

from collections.abc import Collection, Iterator, Mapping

import polars as pl


def edge_counts(counts: Mapping[str, int | None]) -> str:
    """Edges by rule; specific ones are None or missing where no control displacements were measured."""
    specific, calibrated, published = (counts.get(rule) for rule in ("specific", "calibrated", "published"))
    known = "specificity not measured" if specific is None else f"{specific:,} specific edges"
    return f"{known}; {calibrated or 0:,} by the calibrated rule, {published or 0:,} by the published one"


def unit_counts(unit: str, n_units: int, least: int, without: int, untested: int, sizes: Collection[int] = ()) -> str:
    """How many units stand behind the tests, what was left out, and how small a p they allow.

    ``sizes``: how many cells the units have, where that was asked to be balanced.
    """
    said = [f"tested over {n_units} units by {unit} (least p {2.0 ** (1 - n_units):.2g})"]
    if sizes:
        said.append(
            f"{min(sizes)} to {max(sizes)} cells each" if min(sizes) < max(sizes) else f"{min(sizes)} cells each"
        )
    if without:
        said.append(f"{without:,} cells without {unit} left out")
    if untested:
        said.append(f"{untested:,} features active in fewer than {least} units not tested")
    return "; ".join(said)


def fit_range(fit: pl.DataFrame) -> str:
    """What the autoencoders explain of the traced cells; ``fit``: rows of traced_fit."""
    found: list[float] = fit.filter(positions="gene")["explained"].drop_nulls().to_list()
    if not found:
        return "variance explained in the traced cells is not known"
    return f"autoencoders explain {min(found):.2f} to {max(found):.2f} of the variance in the traced cells"


def fit_warnings(fit: pl.DataFrame, least: float) -> Iterator[str]:
    """A line for every autoencoder that explains less than ``least``."""
    for row in fit.filter((pl.col("positions") == "gene") & (pl.col("explained") < least)).iter_rows(named=True):
        yield (
            f"warning: {row['sae_id']} explains {row['explained']:.2f} of the variance in the traced cells, below "
            f"trace.least_explained = {least:g}: its features may not mean there what they were named for. Trace cells "
            "like those it was trained on, or train it longer or on these"
        )
