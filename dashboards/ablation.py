"""What a run did to its source features and where it read the effects, in words, where that is not the usual."""

import streamlit as st

from dashboards.data import query_run, run_query

DONE = {
    "zero": "Source features were taken out",
    "mean": "Source features were set to their mean over the traced cells, not taken out",
    "resample": "Source features were set to other values of their own, not taken out",
    "scale": "Activations of source features were multiplied by {:g}, not taken out",
}
WHERE = {
    "active": "",
    "silent": ". Effects are means over the genes of a cell where the source is silent: they came through attention",
    "all": ". Effects are means over all genes of a cell, not only over those where the source is active",
}
SUPPORTS = "Left of zero: {} the source lowers the target, so the source supports it."
STRENGTHENED = "Right of zero: strengthening the source raises the target, so the source supports it."
NO_SENSE = (
    "Activations were moved up and down, so the side of zero does not say whether the source supports the target."
)


def ablation_of_run() -> tuple[str, float | None, str]:
    """Ablation, multiplier and positions of the run; of one made before there was a choice, what there was."""
    columns = run_query("schema").filter(table_name="criterion", column_name="ablation")
    found = None if columns.is_empty() else query_run("ablation")
    if found is None or found.is_empty():
        return "zero", None, "active"
    ablation, multiplier, positions = found.row(0)
    return ablation, multiplier, positions


def note_ablation() -> None:
    """A line above edges, unless features were taken out and effects read where they are active."""
    ablation, multiplier, positions = ablation_of_run()
    if (ablation, positions) == ("zero", "active"):
        return
    done = DONE[ablation].format(multiplier)
    side = "" if ablation == "zero" else f" {reading_of_sign()}"
    st.info(f"{done}{WHERE[positions]}.{side}")


def reading_of_sign() -> str:
    """What it means that an effect lies left or right of zero."""
    ablation, multiplier, _ = ablation_of_run()
    if ablation == "resample":
        return NO_SENSE
    if multiplier is not None and multiplier > 1:
        return STRENGTHENED
    return SUPPORTS.format("switching off" if ablation == "zero" else "weakening")
