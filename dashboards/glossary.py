"""Words of the field, explained on the pages that use them."""

import streamlit as st

WORDS = {
    "feature": "A direction in the model's activity that a sparse autoencoder learned. It is off at most positions and "
    "fires at some; the genes and cells where it fires tell what it may stand for.",
    "autoencoder": "A sparse autoencoder splits the activity of one layer into many features, of which few are active "
    "at once, and rebuilds the activity from them.",
    "position": "One gene of one cell, as the model reads it: a cell is a row of genes, the most telling first in "
    "models that read genes by rank.",
    "activation": "How strongly a feature fires at a position; 0 where it is off.",
    "alive": "A feature is alive if it fires anywhere in the cells of the run, and dead if it never does.",
    "annotated": "A feature is annotated if its genes overlap a known gene set more than random genes would, at a q of "
    "at most 0.05.",
    "q": "The share of false findings to expect among all that are as good as this one or better. It corrects for how "
    "many were tested; p does not.",
    "AUROC": "The chance that of two cells the one with the label is the more active one. 0.5 is no difference, 1 is "
    "perfect.",
    "null": "What the same analysis gives where there is nothing to find: random genes, shuffled labels, random "
    "directions. A number means something only beside its null.",
    "ablation": "Switching a feature off while the model runs, to see what later layers do without it.",
    "edge": "Source feature, target feature in a later layer: switching the source off changes how strongly the target "
    "fires, consistently across cells.",
    "total and direct": "A total effect lets all layers in between be computed again. A direct one changes only the "
    "positions where the source is active.",
    "specific": "An edge is specific if a displacement of the same size in other directions does less to its target. "
    "The rule calibrated asks only whether the effect differs from 0.",
    "d and g": "Effect sizes: the mean change over its standard deviation between cells. g is d corrected for small "
    "numbers of cells.",
    "hub": "A feature with many edges. Features that fire often reach more targets whatever they stand for.",
    "module": "A group of features of one layer that fire together more than their frequencies explain.",
    "carried on": "One direction found again in the next layer: an edge between the two says that something stays, not "
    "that one thing causes another.",
    "steering": "Adding to a feature's activation, or multiplying it, to see where the model then puts the cell.",
    "variance explained": "How much of a layer's activity the autoencoder rebuilds on cells that it has not seen; 1 "
    "is all of it.",
    "published rule": "A rule as an earlier study applied it, kept beside the default one so that numbers can be "
    "compared.",
}


def explain(words: tuple[str, ...]) -> None:
    """The words that a page uses, at the side of the page; nothing if there are none."""
    if words:
        with st.sidebar.popover("Words on this page", icon=":material/menu_book:"):
            st.markdown("\n\n".join(f"**{word[0].upper()}{word[1:]}**: {WORDS[word]}" for word in words))
