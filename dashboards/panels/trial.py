"""Try a feature: change it in one cell and see, within seconds, what the model then says."""

from typing import Any

import polars as pl
import streamlit as st

from dashboards.address import touched
from dashboards.charts.trial import beside_random
from dashboards.data import chosen_run, imported_run
from dashboards.links import feature_name
from dashboards.panel import Panel
from dashboards.style import show
from dashboards.text import markdown
from dashboards.trial import Asked, TrialRefused, try_in_model

ANSWER = "trial_answer"
N_GENES = 15
READOUTS = {
    "embedding": ("Embedding moves", "1 - cosine of the cell's embedding before and after"),
    "fit": ("Prediction gained", "Mean gain of log-probability (or fit) over the hidden genes; below 0: it got worse"),
    "divergence": ("Predictions diverge", "Mean Kullback-Leibler divergence at the hidden genes, in nat"),
}
LOG_P = "Change of log-probability, nat"
UNIT = {"genes": LOG_P, "next": LOG_P, "values": "Change of fit, squared values", "nothing": ""}


def show_trial() -> None:
    """The request, and the last answer below it."""
    if imported_run():
        st.info("An imported run has no model here: features can be tried in runs that were made here.")
        return
    asked = request()
    if asked is not None:
        try:
            with st.spinner("The model reads the cell"):
                st.session_state[ANSWER] = try_in_model(asked)
        except TrialRefused as error:
            st.session_state.pop(ANSWER, None)
            st.error(markdown(error), icon=":material/block:")
    found = st.session_state.get(ANSWER)
    if found and found["run_id"] == chosen_run():
        show_answer(found)


def request() -> Asked | None:
    """What to try, once the button is pressed."""
    with st.form("trial"):
        left, middle, right = st.columns([2, 3, 2])
        feature = left.text_input("Feature", placeholder="L2_F17", key="trial_feature")
        multiplier = middle.slider(
            "Multiplier", 0.0, 10.0, 0.0, 0.5, help="0 takes the feature out, 1 changes nothing", key="trial_multiplier"
        )
        cell = right.number_input(
            "Cell", 0, value=None, placeholder="where it is strongest", help="cell_id of table cell", key="trial_cell"
        )
        pressed = st.form_submit_button(
            "Try it in the model", type="primary", icon=":material/play_arrow:", on_click=touched
        )
    if pressed and not feature.strip():
        st.error("Name a feature by layer and number, such as L2_F17.", icon=":material/block:")
    if not pressed or not feature.strip():
        return None
    return Asked(chosen_run(), feature.strip(), multiplier, None if cell is None else int(cell))


def show_answer(found: dict[str, Any]) -> None:
    """Numbers of the cell, then genes and later features beside what random directions do."""
    where = f"cell {found['cell_id']}" + (f" ({markdown(found['label'])})" if found["label"] else "")
    st.write(
        f"**{markdown(found['feature'])}** times {found['multiplier']:g} in {where}: active at {found['n_active']} of "
        f"{found['n_genes']} genes, at most {found['peak']:.3g}."
    )
    for one, column in zip(found["cell"], st.columns(3), strict=False):
        name, meaning = READOUTS[one["readout"]]
        column.metric(name, f"{one['value']:.3g}", help=meaning)
        column.caption(f"random directions: {min(one['random']):.3g} to {max(one['random']):.3g}")
    left, right = st.columns(2)
    with left:
        show_genes(found)
    with right:
        show_features(found)
    st.caption("One cell tells no significance: steps patching and intervene test over cells.")


def show_genes(found: dict[str, Any]) -> None:
    """Hidden genes that the change moves most."""
    if not found["genes"]:
        st.info("This model predicts no genes, so none were hidden.")
        return
    genes = pl.DataFrame(found["genes"][:N_GENES]).with_columns(
        name=pl.col("symbol").fill_null(pl.col("token").cast(pl.String))
    )
    figure = beside_random(genes, UNIT[found["predicts"]])
    show(figure, "Hidden genes that change most. Grey: the largest change along five random directions.", "trial_genes")


def show_features(found: dict[str, Any]) -> None:
    """Features of later layers that answer most."""
    if not found["features"]:
        st.info("No feature of a later layer changes.")
        return
    features = pl.DataFrame(found["features"][:N_GENES])
    names = [feature_name(layer, one) for layer, one in features.select("layer", "feature").iter_rows()]
    figure = beside_random(features.with_columns(name=pl.Series(names)), "Change of mean code")
    words = "Later features that change most. Grey: the largest change along five random directions."
    show(figure, words, "trial_features")


TRIAL = Panel("Try a feature", ("feature", "cell"), show_trial)
