"""Choices that several pages offer."""

import polars as pl
from streamlit.delta_generator import DeltaGenerator

from dashboards.address import addressed_choice
from dashboards.data import query_run

RULES = {
    "specific": "specific rule",
    "calibrated": "calibrated rule",
    "published": "published rule",
    "measured": "every measured pair",
}
UNCONTROLLED = (
    "This run measured no displacements of equal size beside its ablations, so no edge is known to be specific: it may "
    "be what anything taken out there would do."
)


NONE_SPECIFIC = (
    "No edge of this run is specific: displacements of the same size do as much to their targets as the features. So "
    "pages open with calibrated edges; the tab Controls shows both side by side."
)


def rules_of_run() -> list[str]:
    """The rules that the run's edges can be read by, the one to use first: specific, if it calls any edge."""
    n_specific = query_run("run_totals")["n_specific"][0]
    if n_specific:
        return list(RULES)
    others = [rule for rule in RULES if rule != "specific"]
    return others if n_specific is None else [others[0], "specific", *others[1:]]


def rule_choice(place: DeltaGenerator) -> str:
    """One of the rules of the run."""
    return addressed_choice("Rule", "rule", rules_of_run(), RULES.__getitem__, place.selectbox)


def layer_choice(traced: pl.DataFrame, end: str, title: str) -> str | None:
    """One of the ``end`` (source or target) autoencoders of query ``traced_saes``, or None for all."""
    ends = traced.select(f"{end}_sae", f"{end}_layer").unique().sort(f"{end}_layer", f"{end}_sae")
    names = {sae: f"Layer {layer} · {sae}" for sae, layer in ends.iter_rows()}
    choices: list[str | None] = [None, *names]
    return addressed_choice(title, end, choices, lambda sae: "all layers" if sae is None else names[sae])


def effect_choice(traced: pl.DataFrame, place: DeltaGenerator) -> str:
    """One of the kinds of effect of query ``traced_saes``."""
    kinds: list[str] = traced["effect"].unique(maintain_order=True).to_list()
    text = "total: all later layers computed again; direct: only the positions where the source is active"
    return addressed_choice("Effect", "effect", kinds, place=place.selectbox, help=text)
