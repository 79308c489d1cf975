"""What the boxes above the graph ask for: where it starts, how far it goes, and how it is drawn."""

import re
from dataclasses import dataclass

import streamlit as st

from dashboards.address import addressed_choice, addressed_number, addressed_text, box_key, touched
from dashboards.circuit_choice import CircuitChoice, traced_saes
from dashboards.data import query_run
from dashboards.graph import COLOURS
from dashboards.panels.feature_edges import NO_BOUNDS, NO_ENDS
from dashboards.text import markdown
from warehouse.neighbourhood import MOST_FEATURES, MOST_HOPS, WAYS, Around, Feature
from warehouse.supernodes import GROUPS

PINNED, GROWN, NODE = "pinned", "grow", "node"  # parameters of the address
NAME = re.compile(r"(.+)_[Ff](\d{1,9})")
MOST_EDGES_EACH = 60
N_STARTS, N_EDGES = 3, 50  # features that the graph starts from until some are pinned, of so many strongest edges
WAY_WORDS = {"both": "both ways", "down": "what they act on", "up": "what acts on them"}
LABELS = ("strongest", "all", "none")
HELP = {
    "pinned": "Features that the graph grows from, as in L2_F268, L3_F17; the card of a feature pins it",
    "grow": "Features of the graph from which it goes one hop further, both ways; the card of a feature adds it",
    "group": "Features of one layer that share it make one super-node; pinned ones stay apart",
    "find": "A gene, gene set, cell type or name: features of the graph that match get an orange ring",
}


@dataclass(frozen=True)
class GraphChoice:
    """``around``: what is shown; the others: how."""

    around: Around
    find: str
    group: str | None
    colour: str
    labels: str


def choose_graph(choice: CircuitChoice) -> GraphChoice | None:
    """Draw the boxes; None, with a line, if no feature has an edge to start from."""
    first, second = st.columns([4, 3, 1, 2]), st.columns([3, 1, 1, 2, 2, 2])
    pinned_text = addressed_text("Pinned features", PINNED, first[0], placeholder="L2_F268", help=HELP["pinned"])
    grown_text = addressed_text("One hop more from", GROWN, first[1], placeholder="none", help=HELP["grow"])
    hops = addressed_number("Hops", "hops", first[2], (1, MOST_HOPS, 1))
    way = addressed_choice("Direction", "way", list(WAYS), WAY_WORDS.__getitem__, first[3].selectbox)
    find = addressed_text("Find in the graph", "find", second[0], placeholder="gene, term or name", help=HELP["find"])
    each = addressed_number("Edges each", "each", second[1], (1, MOST_EDGES_EACH, 8))
    least = addressed_number("Least |g|", "least", second[2], (0.0, 100.0, 0.0), step=0.1)
    groups: list[str | None] = [None, *GROUPS]
    show = {None: "nothing"} | {name: name for name in GROUPS}
    group = addressed_choice("Gather by", "group", groups, show.__getitem__, second[3].selectbox, help=HELP["group"])
    colour = addressed_choice("Colour", "graph_colour", COLOURS, place=second[4].selectbox)
    labels = addressed_choice("Names", "names", LABELS, place=second[5].selectbox)
    pinned = features_of(pinned_text) or start_of(choice)
    if not pinned:
        return None
    around = Around(tuple(pinned), tuple(features_of(grown_text)), hops, way, each, least)
    return GraphChoice(around, find.strip(), group, colour, labels)


def features_of(text: str) -> list[Feature]:
    """Features that are named in a list such as ``L2_F268, L3_F17``; a line for each name that is unknown here."""
    sizes = dict(query_run("layer_quality").select("sae_id", "n_features").iter_rows())
    names = _autoencoders()
    found: list[Feature] = []
    for word in filter(None, re.split(r"[\s,;]+", text)):
        parts = NAME.fullmatch(word)
        sae_id = names.get(parts[1].upper() if parts[1].upper() in names else parts[1]) if parts else None
        if parts is None or sae_id is None or int(parts[2]) >= sizes.get(sae_id, 0):
            st.warning(f"No traced layer has a feature {markdown(word[:40])}: write layer and number, as in L2\\_F268.")
        elif (feature := (sae_id, int(parts[2]))) not in found:
            found.append(feature)
    if len(found) > MOST_FEATURES:
        st.warning(f"More than {MOST_FEATURES} features are pinned; the first {MOST_FEATURES} are shown.")
    return found[:MOST_FEATURES]


def _autoencoders() -> dict[str, str]:
    """Traced autoencoders by their own names, and by their layer (L2) where it has no other one."""
    traced = traced_saes()
    pairs = {row for end in ("source", "target") for row in traced.select(f"{end}_layer", f"{end}_sae").iter_rows()}
    names = {sae_id: sae_id for _, sae_id in pairs}
    for layer, sae_id in sorted(pairs, reverse=True):
        names[f"L{layer}"] = sae_id
    return names


def start_of(choice: CircuitChoice) -> list[Feature]:
    """The sources of the strongest edges, of the chosen source layer or of any."""
    asked = NO_ENDS | NO_BOUNDS | choice.ends
    edges = query_run("edges", criterion=choice.rule, n_rows=N_EDGES, **asked)
    sources = edges.unique(["source_sae", "source_feature"], maintain_order=True).head(N_STARTS)
    return list(sources.select("source_sae", "source_feature").iter_rows())


def with_name(parameter: str, names: list[str], name: str, wanted: bool) -> None:
    """Put ``name`` into the list in a box, or take it out; ``names`` is what the list comes to. For callbacks."""
    touched()
    others = [one for one in names if one != name]
    st.session_state[box_key(parameter)] = ", ".join([*others, name] if wanted else others)
