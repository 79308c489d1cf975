"""Are the genes that a factor's circuit reaches the factor's known targets?

1. For each factor of the network that is a source gene: the score of every gene at the target end of an edge.
2. Two statistics, each a mean over factors: the AUROC of the score for known targets against the other genes, and
   the share of the summed score that falls on known targets. The factor itself is left out.
3. Null: swapped features (see ``null``), one swap for all factors in a draw.
"""

from collections.abc import Mapping

from tasks.validate.circuit import Circuit
from tasks.validate.null import Bools, Floats, auroc, compare, mid_ranks
from tasks.validate.report import Check, Row, measured, untested, without_edges
from tasks.validate.scores import SWAPPED, gene_rows, is_source, known_members, same_gene, swapped_features
from tasks.validate.settings import ValidateSettings

STREAM = 1  # of the random numbers


def check_tf_targets(
    circuit: Circuit, name: str, network: Mapping[str, frozenset[str]], settings: ValidateSettings, stand_in: bool
) -> list[Row]:
    """Rows ``mean_auroc`` and ``mean_score_share`` for the network ``name`` (targets by factor, upper case).

    Factors need ``min_set`` targets among the genes at the target end of an edge.
    """
    sources = is_source(circuit)
    candidates = {factor: targets for factor, targets in network.items() if factor in sources}
    factors, members = known_members(candidates, circuit, settings.min_set)
    checks = _checks(name, len(factors))
    if not factors:
        return [untested(check, _reason(circuit, name, settings)) for check in checks]
    excluded = same_gene(factors, circuit.target_symbols)
    lists, strength = gene_rows(circuit, factors), circuit.strength
    observed = mean_statistics((lists @ strength).toarray(), members, excluded)
    orders = swapped_features(circuit, settings, STREAM, f"null of {name}")
    draws = [mean_statistics((lists[:, order] @ strength).toarray(), members, excluded) for order in orders]
    comparisons = [compare(value, null) for value, null in zip(observed, zip(*draws, strict=True), strict=True)]
    n_pairs = int((~excluded).sum())
    return [measured(check, found, n_pairs, stand_in) for check, found in zip(checks, comparisons, strict=True)]


def not_directed(name: str) -> list[Row]:
    """Both rows for a network whose edges have no direction: it tells no factor from its targets."""
    return [untested(check, f"the edges of {name} have no direction") for check in _checks(name, 0)]


def mean_statistics(scores: Floats, members: Bools, excluded: Bools) -> tuple[float, float]:
    """Mean over rows of [factors, genes] of the AUROC, and of the members' share of the summed score."""
    counted = scores * ~excluded
    total = counted.sum(axis=1)
    share = (counted * members).sum(axis=1) / total.clip(min=1e-300)  # a factor that reaches nothing has share 0
    areas = auroc(mid_ranks(scores, excluded), members, excluded)
    return float(areas.mean()), float(share.mean())


def _checks(name: str, n_factors: int) -> list[Check]:
    factors = f"{n_factors} factor{'' if n_factors == 1 else 's'}"
    ranked = f"{name} targets above the other genes that the circuits of {factors} reach"
    share = f"The share of the predicted effect of {factors} that falls on {name} targets is"
    return [
        Check("tf_targets", name, "mean_auroc", SWAPPED, f"Scores rank {ranked}", f"Scores do not rank {ranked}"),
        Check(
            "tf_targets",
            name,
            "mean_score_share",
            SWAPPED,
            f"{share} larger than by chance",
            f"{share} no larger than by chance",
        ),
    ]


def _reason(circuit: Circuit, name: str, settings: ValidateSettings) -> str:
    if not circuit.effects.nnz:
        return without_edges(circuit.rule)
    return (
        f"no gene at the source end of an edge is a factor of {name} with at least {settings.min_set} known targets "
        f"among the {len(circuit.target_symbols)} genes at the target end"
    )
