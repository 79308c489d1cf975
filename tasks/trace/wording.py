"""How many edges there are, and over how many units, in words."""

from collections.abc import Mapping


def edge_counts(counts: Mapping[str, int | None]) -> str:
    """Edges by rule; specific ones are None or missing where no control displacements were measured."""
    specific, calibrated, published = (counts.get(rule) for rule in ("specific", "calibrated", "published"))
    known = "specificity not measured" if specific is None else f"{specific:,} specific edges"
    return f"{known}; {calibrated or 0:,} by the calibrated rule, {published or 0:,} by the published one"


def unit_counts(unit: str, n_units: int, least: int, without: int, untested: int) -> str:
    """How many units stand behind the tests, what was left out, and how small a p they allow."""
    said = [f"tested over {n_units} units by {unit} (least p {2.0 ** (1 - n_units):.2g})"]
    if without:
        said.append(f"{without:,} cells without {unit} left out")
    if untested:
        said.append(f"{untested:,} features active in fewer than {least} units not tested")
    return "; ".join(said)
