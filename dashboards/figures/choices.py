"""What figures show of a run that could show several things: its first traced layer, its default rule, and so on."""

import polars as pl

from dashboards.figures.figure import Ask, NothingToDraw, Values

MOST = 20_000  # points of a figure
SOURCES = 100  # of which every test is counted
EVERY_END = dict.fromkeys(("source_sae", "source_feature", "target_sae", "target_feature", "sign"))


def traced(ask: Ask) -> Values:
    """The first traced layer with its effects, by the rule of the run."""
    found = ask.rows("traced_saes")
    if found.is_empty():
        raise NothingToDraw("No feature of this run was traced.")
    first = found.row(0, named=True)
    return {"effect": first["effect"], "source_sae": first["source_sae"], "criterion": rule(ask)}


def some_sources(ask: Ask) -> Values:
    """As ``traced``, of the sources with the lowest numbers, as many as a page can wait for."""
    wanted = degrees(ask)
    asked = {name: wanted[name] for name in ("criterion", "direction", "effect", "sae_id")}
    numbers = ask.rows("degree_frequency", **asked)["feature"].sort()
    if numbers.is_empty():
        raise NothingToDraw("No feature of this run was traced.")
    return traced(ask) | {"last_source": int(numbers[min(SOURCES, len(numbers)) - 1])}


def degrees(ask: Ask) -> Values:
    """Edges that leave the features of the first traced layer."""
    own = traced(ask)
    return own | {"sae_id": own["source_sae"], "direction": "out"}


def rule(ask: Ask) -> str:
    """The rule that calls edges: specific where controls left some, else calibrated."""
    return "specific" if ask.rows("run_totals")["n_specific"][0] else "calibrated"


def null(ask: Ask) -> Values:
    """As ``traced``, by the rule for which a null was computed."""
    return traced(ask) | {"criterion": "calibrated"}


def strongest(ask: Ask) -> Values:
    """The strongest edges of the source that has the strongest one."""
    own = EVERY_END | traced(ask) | {"min_effect": 0.0, "max_q": 1.0}
    first = ask.rows("edges", n_rows=1, **own)
    if first.is_empty():
        raise NothingToDraw("No pair of features is an edge by the rule of this run.")
    return own | {"source_feature": int(first["source_feature"][0]), "n_rows": 16}


def hub(ask: Ask) -> Values:
    """The strongest edges of the source with most of them."""
    own = EVERY_END | traced(ask) | {"min_effect": 0.0, "max_q": 1.0}
    wanted = degrees(ask)
    first = ask.rows(
        "degree_frequency", **{name: wanted[name] for name in ("criterion", "direction", "effect", "sae_id")}
    )
    if first.is_empty() or not first["degree"][0]:
        raise NothingToDraw("No pair of features is an edge by the rule of this run.")
    return own | {"source_feature": int(first["feature"][0]), "n_rows": 16}


def sharing(ask: Ask) -> Values:
    """Edges whose ends share a term."""
    return traced(ask) | {"n_rows": 12}


def layer(ask: Ask) -> Values:
    """The first described layer, and its autoencoder."""
    first = ask.rows("layer_quality").row(0, named=True)
    return {"layer": int(first["layer"]), "sae_id": first["sae_id"]}


def telling(ask: Ask) -> Values:
    """The feature that the page Feature opens on."""
    found = ask.rows("telling_feature")
    if found.is_empty():
        raise NothingToDraw("No feature of this run is alive.")
    return {"sae_id": found["sae_id"][0], "feature": int(found["feature"][0])}


def gene(ask: Ask) -> Values:
    """The gene that most features list."""
    return {"symbol": ask.rows("gene_choices").sort("n_features", "symbol", descending=[True, False])["symbol"][0]}


def term(ask: Ask) -> Values:
    """The gene set that labels most features."""
    found = ask.rows("pathway_choices").sort("n_features", "library", "term", descending=[True, False, False])
    if found.is_empty():
        raise NothingToDraw("No gene set labels a feature of this run.")
    return {"library": found["library"][0], "term": found["term"][0]}


def kind(ask: Ask) -> Values:
    """What domains are in this run: gene sets, if it has such."""
    return {"kind": ask.rows("domain_kinds")["kind"][0]}


def tail(ask: Ask) -> Values:
    """The autoencoder whose degrees were fitted first."""
    own = traced(ask)["source_sae"]
    fits = ask.rows("tails", source_sae=own)
    return {"sae_id": own if fits.is_empty() else fits["sae_id"][0], "source_sae": own}


def readout(ask: Ask) -> Values:
    """The first read-out of the steering."""
    return {"readout": ask.rows("steering_readouts")["readout"][0]}


def shifted(ask: Ask) -> Values:
    """Most features of those that were changed together, and their cells."""
    known = ask.rows("shift_settings").filter(pl.col("arm") == "feature").sort("n_features", descending=True)
    if known.is_empty():
        raise NothingToDraw("No features of this run were changed together in whole cells.")
    return {"sae_id": known["sae_id"][0], "setting": known["setting"][0], "metric": "accuracy"}


def strengths(ask: Ask) -> Values:
    """Features that were tested against the strength of knock-downs, the first such test."""
    tested = ask.rows("strength_tests").drop_nulls("rho")
    if tested.is_empty():
        raise NothingToDraw("No knock-down of this run could be held against degrees.")
    first = tested.row(0, named=True)
    return {name: first[name] for name in ("line", "sae_id", "direction", "effect", "criterion")} | {"n_rows": MOST}


def every_source(ask: Ask) -> Values:
    """All traced layers."""
    return {"source_sae": None}
