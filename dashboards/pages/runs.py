"""Runs and quality: what was run with which settings, how long it took, what was checked, what it is worth."""

import json

import plotly.graph_objects as go
import streamlit as st

from dashboards.address import addressed_choice, addressed_toggle
from dashboards.data import query_run, run_query
from dashboards.levels import level_words
from dashboards.page import Page, run_page
from dashboards.panel import Panel
from dashboards.panels.imports import BESIDE_IMPORT, FILES, PARITY
from dashboards.refused_panel import refused_runs
from dashboards.style import BLUE, finish, show
from dashboards.tables import show_table
from dashboards.text import markdown

N_ROWS = 1_000


def runs() -> None:
    """All runs, and the settings of the chosen one."""
    show_table(run_query("runs"))
    about = query_run("run_settings").row(0, named=True)
    left, right = st.columns(2)
    with left, st.expander("Settings: the whole study", expanded=True):
        st.json(json.loads(about["study_json"]), expanded=2)
    with right, st.expander("Machine and versions", expanded=True):
        st.write(markdown(about["hardware"]))
        versions = {"versions": json.loads(about["versions"]), "code": json.loads(about["code_version"])}
        st.json({**versions, "study_sha": about["study_sha"]})


def steps() -> None:
    """The steps that the run is made of, and whether other runs share them."""
    show_table(query_run("run_steps"), of=("run_step", "run_analysis"))
    st.caption("A step that several runs share was computed once and is stored once.")


def timings() -> None:
    """Time and size of each step."""
    steps = query_run("step_seconds")
    bars = go.Bar(y=steps["step"], x=steps["seconds"], orientation="h", marker_color=BLUE)
    left, right = st.columns([2, 3])
    with left:
        figure = finish(go.Figure(bars), "Time (s)", "", 120 + 30 * steps.height).update_yaxes(autorange="reversed")
        show(
            figure, "Time spent in units of work, added up over a step's folders. Reused steps count as when they ran."
        )
    with right:
        show_table(steps)


def ledger() -> None:
    """Every shard of the run with its hash."""
    steps = query_run("step_seconds")["step"].to_list()
    step = addressed_choice("Step", "step", [None, *steps], lambda name: name or "all steps")
    frame = query_run("ledger", step=step, n_rows=N_ROWS)
    show_table(frame, height=360)
    st.caption(f"Each shard that was loaded, with the SHA-256 of its bytes; at most {N_ROWS:,} rows are shown.")


def quality() -> None:
    """Every expectation's result."""
    tables = query_run("quality_by_table")
    if tables.is_empty():
        st.info("This run has no record of checks.")
        return
    n_checks, n_failed = int(tables["n_checks"].sum()), int(tables["n_failed"].sum())
    words = f"{n_checks - n_failed:,} of {n_checks:,} checks passed, on {tables.height} tables."
    (st.error if n_failed else st.success)(words)
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    failed_only = addressed_toggle("Failed only", "failed", left)
    table = addressed_choice(
        "Table", "table", [None, *tables["table_name"]], lambda name: name or "all tables", right.selectbox
    )
    frame = query_run("quality", failed_only=failed_only, table_name=table)
    if frame.is_empty():
        st.info("No check failed.")
        return
    first = [
        "success",
        "table_name",
        "step",
        "layer",
        "meaning",
        "column_name",
        "n_unexpected",
        "observed",
        "sample_rows",
        "expectation",
        "seconds",
    ]
    show_table(frame.select(first), height=420)
    st.caption("A step is published only if all checks pass; the table says what each one looked at and what it saw.")


def validation() -> None:
    """What the circuits predict, with the sentence that says what it is worth."""
    frame = query_run("validation")
    levels = dict(query_run("validation_levels").select("statistic", "level").iter_rows())
    for check in frame.iter_rows(named=True):
        with st.container(border=True):
            names = (check["check_name"], check["reference"], check["statistic"].replace("_", " "))
            st.markdown(f"**{' · '.join(map(markdown, names))}**")
            st.write(markdown(check["meaning"]))
            if check["observed"] is not None:
                st.caption(_against_null(check))
            st.caption(f"Level of claim: {level_words(levels[check['statistic']])}.")


def _against_null(check: dict[str, float | str | None]) -> str:
    parts = [f"Observed {check['observed']:.4g}"]
    if check["null_mean"] is not None:
        parts.append(f"under the null {check['null_mean']:.4g} (SD {check['null_sd'] or 0:.2g})")
    if check["p"] is not None:
        parts.append(f"p {check['p']:.3g}")
    return (
        f"{', '.join(parts)}; {check['n_tested']:,} tested, {check['n_null']:,} null draws; "
        f"null: {markdown(check['null_kind'])}."
    )


def references() -> None:
    """The files that features and circuits were held against."""
    show_table(query_run("references"), of=("reference_db",))
    st.caption(
        "A small model knows few genes of a large library: of the two shares, the larger one must reach the study's "
        "references.min_shared. Tables gene_set and ref_edge hold every gene and edge of these files."
    )


PAGE = Page(
    name="runs",
    title="Runs and quality",
    icon="fact_check",
    shows="settings, steps and the runs that share them, timings, the ledger of every shard, the result of every "
    "check, validation, reference files, figures beside those of an imported atlas; of such an atlas also parity with "
    "what was published, its files and its gaps",
    intro="What was run with which settings, how long it took, what was checked, and what it is worth.",
    panels=(
        Panel("Runs", ("run",), runs),
        Panel("Steps", ("run_step",), steps, also=("run_analysis",)),
        Panel("Timings", ("work_unit",), timings),
        Panel("Ledger", ("work_unit",), ledger),
        Panel("Quality", ("quality_result",), quality),
        Panel("Refused", (), refused_runs, also=("refused_step",)),
        Panel("Validation", ("validation",), validation, also=("gene_pair",)),
        Panel("References", ("reference_db",), references, also=("gene_set", "ref_edge")),
        BESIDE_IMPORT,
        PARITY,
        FILES,
    ),
)

if __name__ == "__main__":
    run_page(PAGE)
