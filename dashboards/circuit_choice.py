"""What the boxes at the top of the page Circuits choose: kind of effect, rule that calls edges, source layer."""

from typing import NamedTuple

import polars as pl
import streamlit as st

from dashboards.ablation import note_ablation
from dashboards.data import query_run
from dashboards.filters import (
    NONE_SPECIFIC,
    RULES,
    UNCONTROLLED,
    effect_choice,
    layer_choice,
    rule_choice,
    rules_of_run,
)
from dashboards.text import markdown

CHOICE = "circuit_choice"  # key in the session


class CircuitChoice(NamedTuple):
    """Which edges are shown; ``source_sae`` None: of all source layers."""

    effect: str
    rule: str
    source_sae: str | None

    @property
    def ends(self) -> dict[str, str | None]:
        """Effect and source layer, as queries ask for them."""
        return {"effect": self.effect, "source_sae": self.source_sae}


def traced_saes() -> pl.DataFrame:
    """Pairs of autoencoders that the run traced, by kind of effect."""
    return query_run("traced_saes")


def first_source(choice: CircuitChoice) -> str:
    """The chosen source autoencoder, or the first one that was traced."""
    return choice.source_sae or str(traced_saes()["source_sae"][0])


def choose_circuits() -> bool:
    """Draw the boxes and keep what they say; no boxes where nothing was traced. Always True: panels follow."""
    traced = traced_saes()
    if traced.is_empty():
        st.session_state[CHOICE] = CircuitChoice("total", rules_of_run()[0], None)
        return True
    first, second, third = st.columns(3)
    effect = effect_choice(traced, first)
    rule = rule_choice(second)
    with third:
        source_sae = layer_choice(traced, "source", "Source layer")
    rules = query_run("criteria")
    words = dict(zip(rules["criterion"], rules["meaning"], strict=True))
    st.caption(f"{RULES[rule].capitalize()}: {markdown(words.get(rule, 'all living pairs, nothing cut'))}.")
    note_ablation()
    st.write(three_counts(effect, source_sae))
    st.session_state[CHOICE] = CircuitChoice(effect, rule, source_sae)
    return True


def three_counts(effect: str, source_sae: str | None) -> str:
    """How many edges each rule calls, in one sentence; a run without controls, or without specific edges, says so."""
    counts = query_run("edge_counts", effect=effect, source_sae=source_sae)
    found = dict(zip(counts["criterion"], counts["n_edges"], strict=True))
    listed = ", ".join(f"**{found.get(rule, 0):,}** {rule}" for rule in RULES if rule in found)
    n_specific = query_run("run_totals")["n_specific"][0]
    why = UNCONTROLLED if n_specific is None else "" if n_specific else NONE_SPECIFIC
    return f"Edges: {listed}. {why}".rstrip()


def chosen_circuits() -> CircuitChoice:
    """What the boxes say."""
    choice: CircuitChoice = st.session_state[CHOICE]
    return choice
