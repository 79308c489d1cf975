"""Rows of steps of domains of a synthetic study: what they make of edges that prefer one domain."""

from collections.abc import Sequence

import polars as pl

from tasks.analyses.classes.step import ClassesSettings
from tasks.analyses.classes.work import class_tables
from tasks.analyses.consensus.step import ConsensusSettings
from tasks.analyses.consensus.work import consensus_tables
from tasks.analyses.domains.graph import number_domains
from tasks.analyses.domains.step import DomainsSettings
from tasks.analyses.domains.work import domain_tables
from tasks.analyses.relations.step import RelationsSettings
from tasks.analyses.relations.work import link, relation_tables
from tests.builders.planted_domains import World, edges_of, plant_domains
from tests.builders.planted_relations import plant_sets
from tests.builders.study_features import Layer

CHOICE = {"n_draws": 999, "bins": 3}


def knowledge_tables(layers: Sequence[Layer]) -> dict[str, dict[str, pl.DataFrame]]:
    """Tables by step; two studies of one plan, of which the second is not the first's cells."""
    saes = {layer.layer: layer.sae_id for layer in layers}
    world = World(n_features=min(layer.codes.shape[1] for layer in layers), n_domains=5, n_sources=8, n_edges=6)
    plan = {0: 1, 1: 0}
    own, other = (plant_domains(seed, plan, 0.8, world=world, saes=saes) for seed in (0, 1))
    choice = DomainsSettings(**CHOICE, min_edges=1)
    domains = domain_tables(choice, "term", own, len(saes))
    known = RelationsSettings()
    linked = link(known, number_domains(own, kind="term"), *plant_sets(0, world.n_domains, linked=[(0, 2)]), None)
    labels = own.domains["term"]
    classes = class_tables(ClassesSettings(**CHOICE), edges_of(own), labels.rename({"domain": "class"}), labels)
    return {
        "domains": domains,
        "relations": relation_tables(known, choice, "term", own, domains["domain_pair"], linked),
        "classes": classes,
        "consensus": consensus_tables(ConsensusSettings(**CHOICE), "term", own, {"twin": other}),
    }
