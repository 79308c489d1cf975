"""The pages of the dashboard in the order of the menu: the one list that the app, the tests and the documents go by."""

from dashboards.pages import (
    across,
    ask,
    circuits,
    claims,
    compare,
    feature,
    features,
    gene,
    interventions,
    knowledge,
    overview,
    pathway,
    runs,
    sql,
    steering,
    tables,
)  # fmt: skip

MENU = (
    overview.PAGE,
    claims.PAGE,
    features.PAGE,
    feature.PAGE,
    gene.PAGE,
    pathway.PAGE,
    circuits.PAGE,
    across.PAGE,
    knowledge.PAGE,
    interventions.PAGE,
    steering.PAGE,
    compare.PAGE,
    tables.PAGE,
    ask.PAGE,
    sql.PAGE,
    runs.PAGE,
)
