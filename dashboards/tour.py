"""A tour of five stops: what to look at on each page, in the run that is chosen. The address holds the stop."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dashboards.address import PAGE, asked, keep
from dashboards.data import chosen_run, imported_run, query_run
from dashboards.links import feature_query
from dashboards.run_tables import has_rows

TOUR = "tour"  # parameter of the address
Words = dict[str, str]


@dataclass(frozen=True)
class Stop:
    """A page of the tour, what to see there (Markdown), and what its address asks for beside the run."""

    page: str
    title: str
    look: str
    asks: Callable[[], Words] = dict


def first_gene() -> Words:
    """A search for the gene that leads a telling feature's list."""
    found = query_run("telling_feature")
    if found.is_empty():
        return {}
    genes = query_run("feature_genes", sae_id=found["sae_id"][0], feature=found["feature"][0])
    return {} if genes.is_empty() else {"search": genes["symbol"][0]}


def telling_feature() -> Words:
    """A feature that says much."""
    found = query_run("telling_feature")
    return {} if found.is_empty() else feature_query(found["sae_id"][0], found["feature"][0])


def controls() -> Words:
    """The tab that holds edges against random directions."""
    return {"tab": "Controls"} if has_rows("trace_control") else {}


STOPS = (
    Stop(
        "overview",
        "What a run holds",
        "A model read cells gene by gene, and an autoencoder split the activity of its layers into features. Start "
        "with the cell types and their best features: a biologist would recognise these. Every share below stands "
        "beside what chance alone gives.",
    ),
    Stop(
        "features",
        "Find a feature",
        "The box searches genes, gene sets, cell types and names; here it holds a gene, and the features that it leads "
        "come first. The column *matched* says why a row is there. Sort, filter, then open one by the link in its row.",
        first_gene,
    ),
    Stop(
        "feature",
        "Read one feature",
        "The sentence at the top says what the feature is and how sure that is. Then come the genes at which it fires, "
        "the cells, the gene sets it matches, and its edges: what later layers do once it is switched off.",
        telling_feature,
    ),
    Stop(
        "circuits",
        "Ask what an edge is worth",
        "Switching off a random direction of the same size changes later features as well. An edge is specific only if "
        "the feature does more than that. Compare the two before you read meaning into an edge; a small model may have "
        "no specific edge at all.",
        controls,
    ),
    Stop(
        "claims",
        "See what may be said",
        "Each question is answered by the tables of this run: supported, not supported, or cannot be told. Open one "
        "for its numbers. Every page explains its words in the sidebar and lists its queries at its end.",
    ),
)


def show_tour() -> None:
    """The stop that the address names, above its page; on the Overview, the way in."""
    shown = st.session_state[PAGE] or "overview"
    word = asked(TOUR)
    keep(TOUR, None)
    if word is None or word not in {str(number + 1) for number in range(len(STOPS))}:
        if shown == "overview" and not imported_run():
            _link(0, f"New here? A tour of {len(STOPS)} stops", ":material/tour:")
        return
    number = int(word) - 1
    if STOPS[number].page == shown:
        keep(TOUR, word)
        _bar(number)


def _bar(number: int) -> None:
    """One stop with the ways to the others."""
    stop = STOPS[number]
    with st.container(border=True):
        st.markdown(f"**Stop {number + 1} of {len(STOPS)}: {stop.title}.** {stop.look}")
        back, onward, end, _ = st.columns([1, 2, 1, 2])
        with back:
            if number:
                _link(number - 1, "Back", ":material/arrow_back:")
        with onward:
            if number + 1 < len(STOPS):
                _link(number + 1, f"Next: {STOPS[number + 1].title}", ":material/arrow_forward:")
        with end:
            st.page_link(f"pages/{stop.page}.py", label="End the tour", query_params={"run": chosen_run()})


def _link(number: int, label: str, icon: str) -> None:
    stop = STOPS[number]
    query = {"run": chosen_run(), **stop.asks(), TOUR: str(number + 1)}
    st.page_link(f"pages/{stop.page}.py", label=label, icon=icon, query_params=query)
