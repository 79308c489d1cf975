"""Panels of perturbed cells: the screen, circuits held against it, and features that answer it."""

import polars as pl

from dashboards.address import addressed_choice
from dashboards.charts.perturbations import (
    answer_bars,
    excess_intervals,
    on_target_points,
    response_points,
    shift_points,
    strength_points,
)
from dashboards.data import query_run
from dashboards.layout import described_table, filled, metrics
from dashboards.links import feature_address, link_column
from dashboards.panel import Panel
from dashboards.style import show
from dashboards.text import markdown

MOST = 20_000  # genes of one perturbation
MOST_ROWS = 500  # pairs, or features
ENDS = {"out": "sources", "in": "targets"}


def screen() -> None:
    """What was switched off, and the genes that answer one perturbation."""
    rows = query_run("screen_perturbations")
    measured = rows.filter(pl.col("n_measured") > 0)
    told = rows.drop_nulls("on_target_log2")
    fell = told.filter(pl.col("on_target_log2") < 0, pl.col("on_target_p") < 0.05).height
    metrics(
        {
            "Perturbations": (f"{rows.height:,}", "In a line; a gene in two lines counts twice."),
            "Measured": (f"{measured.height:,}", "Those with enough cells beside control cells of their batches."),
            "Gene itself fell": (f"{fell:,} of {told.height:,}", "p below 0.05, of those where it could be measured."),
            "Cells left out": (f"{int(rows['n_unmatched'].sum()):,}", "No control cells in their line and batch."),
        }
    )
    if not told.is_empty():
        text = "A point per perturbation: the fold of the gene that was switched off, with its 95 % interval."
        show(on_target_points(rows), text)
    described_table(rows, "All perturbations; reason says what could not be told.", of=("perturbation",), height=300)
    if not filled(measured, "No perturbation has enough cells beside control cells."):
        return
    pairs = list(measured.select("line", "perturbation").iter_rows())
    chosen = addressed_choice(
        "Perturbation", "perturbation", pairs, lambda pair: f"{pair[1]} ({pair[0]})", key="screen_choice"
    )
    line, perturbation = chosen
    genes = query_run("screen_genes", line=line, perturbation=perturbation, n_rows=MOST)
    if filled(genes, "No gene has enough counts in these cells."):
        text = (
            f"A point per gene after {markdown(perturbation)}, against control cells of the same line and batches. "
            "Genes that fall with many perturbations are no targets of this one."
        )
        show(response_points(genes), text)
        described_table(genes, "The surest first.", of=("perturbation_response",), height=300)


def directions() -> None:
    """Accuracy of predicted directions beside its baselines."""
    rows = query_run("direction_summary")
    own = rows.filter(pl.col("rule") == "own")
    told = own.drop_nulls("excess")
    if filled(told, "No perturbation has enough predicted genes: nothing could be compared."):
        text = (
            "Share of genes that move after a knock-down as the circuits say, less what unbalanced signs give by "
            "themselves, and less what each gene's usual direction after other knock-downs gives. Bars are 95 % "
            "intervals over perturbations. Only an odds ratio above 1, the gene as stratum, says that predictions know "
            "something of one perturbation in particular."
        )
        show(excess_intervals(told), text)
    described_table(own.drop("rule"), "Unit: the perturbation.", of=("validation_summary",), height=260)
    published = rows.filter(pl.col("rule") != "own").select(
        "line", "rule", "subset", "n_perturbations", "n_pairs", "accuracy", "baseline", "excess", "reason"
    )
    text = "By the published rules: pairs of all perturbations pooled, which are no independent observations."
    described_table(published, text, of=("validation_summary",))
    pairs = query_run("direction_pairs", n_rows=MOST_ROWS)
    described_table(pairs, "The largest predictions.", of=("pair_validation",), height=300)


def answers() -> None:
    """Features that answer, layer by layer."""
    layers = query_run("answer_summaries")
    described_table(
        layers,
        "By layer. mock_rate is the share of tests with p below the level among control cells that stand for perturbed "
        "ones: it should be the level.",
        of=("answer_summary",),
    )
    saes = layers["sae_id"].to_list()
    sae_id = saes[0] if len(saes) == 1 else addressed_choice("Autoencoder", "sae", saes, key="answer_sae")
    rows = query_run("answers", sae_id=sae_id)
    if rows.drop_nulls("n_answering").height:
        text = (
            "Share of the tested features that answer, beside the share of genes whose expression answers by the same "
            "test: what is in the cells before any model."
        )
        show(answer_bars(rows), text)
    described_table(
        rows,
        "least_auroc: smaller shifts would mostly be missed in so few cells. No answer is no evidence that the model "
        "knows nothing.",
        of=("perturbation_answer",),
        height=260,
    )
    features = query_run("answering_features", sae_id=sae_id, n_rows=MOST_ROWS)
    if filled(features, "No feature was called by any rule."):
        shown = features.with_columns(page=feature_address()).select(
            "page", pl.exclude("page", "sae_id", "layer", "feature")
        )
        caption = "By test, and by the published rule, which has none. Mind large effects of features that hardly fire."
        links = {"page": link_column("feature")}
        described_table(shown, caption, of=("feature_answer", "feature"), links=links, height=320)


def strengths() -> None:
    """How far knock-downs move cells, and whether features with many edges list such genes."""
    rows = query_run("knock_down_strengths")
    told = rows.drop_nulls("distance")
    if filled(told, "No perturbation has enough cells with control cells of their own."):
        text = (
            f"Energy distance between {told['n_drawn'][0]} perturbed cells and as many control cells of the same line "
            "and batches: equally many for all, since more cells seem to move farther. Bars are 1.96 standard "
            "deviations once both are swapped; orange: p at most 0.05."
        )
        show(shift_points(told), text)
    described_table(rows, "The farthest first.", of=("perturbation_shift",), height=260)
    tests = query_run("strength_tests")
    described_table(
        tests,
        "Do features with more edges list genes that move cells farther, given how often they fire and how much their "
        "genes are expressed? Strengths are exchanged between genes: features that share genes are no independent "
        "ones, as p_alone takes them for. Level 1 of 4: an association. No rho beyond least_rho is no evidence that "
        "there is none.",
        of=("strength_test",),
        height=220,
    )
    tested = tests.drop_nulls("rho").to_dicts()
    if not tested:
        return
    names = [f"{ENDS[row['direction']]} of {row['sae_id']}, {row['line']}" for row in tested]
    place = addressed_choice("Features", "strength", range(len(tested)), names.__getitem__)
    chosen = tested[place]
    asked = {name: chosen[name] for name in ("line", "sae_id", "direction", "effect", "criterion")}
    text = f"A point per feature. Given frequency and expression, rho = {chosen['rho']:.2f} (p = {chosen['p']:.2g})."
    show(strength_points(query_run("strength_points", n_rows=MOST, **asked)), text)


SCREEN = Panel("Perturbations", ("perturbation",), screen, also=("perturbation_response",))
DIRECTIONS = Panel("Predicted directions", ("validation_summary",), directions, also=("pair_validation",))
ANSWERS = Panel("Answering features", ("answer_summary", "perturbation_answer"), answers, also=("feature_answer",))
STRENGTHS = Panel(
    "Strength of knock-downs", ("perturbation_shift",), strengths, also=("strength_test", "feature_strength")
)
