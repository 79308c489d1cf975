"""How many edges there are, in words."""

from collections.abc import Mapping


def edge_counts(counts: Mapping[str, int | None]) -> str:
    """Edges by rule; specific ones are None or missing where no control displacements were measured."""
    specific, calibrated, published = (counts.get(rule) for rule in ("specific", "calibrated", "published"))
    known = "specificity not measured" if specific is None else f"{specific:,} specific edges"
    return f"{known}; {calibrated or 0:,} by the calibrated rule, {published or 0:,} by the published one"
