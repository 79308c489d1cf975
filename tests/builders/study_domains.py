"""Rows of step ``domains`` of a synthetic study: what the step makes of edges that prefer one domain."""

from collections.abc import Sequence

import polars as pl

from tasks.analyses.domains.step import DomainsSettings
from tasks.analyses.domains.work import tables_of
from tests.builders.planted_domains import World, plant_domains
from tests.builders.study_features import Layer

SETTINGS = DomainsSettings(n_draws=999, bins=3, kinds=("term",))


def domain_tables(layers: Sequence[Layer]) -> dict[str, pl.DataFrame]:
    """Tables of the step; two studies of one plan, of which the second is not the first's cells."""
    saes = {layer.layer: layer.sae_id for layer in layers}
    world = World(n_features=min(layer.codes.shape[1] for layer in layers), n_domains=5, n_sources=8, n_edges=6)
    plan = {0: 1, 1: 0}
    own, other = (plant_domains(seed, plan, 0.8, world=world, saes=saes) for seed in (0, 1))
    return tables_of(SETTINGS, "term", own, {"twin": other})
