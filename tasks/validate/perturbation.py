"""Do the genes that rise after a knock-down rise where the circuit says so?

1. A perturbation is testable if its gene is a source gene and ``min_set`` of its risen genes are at the target end of
   an edge. The perturbation, not the pair of genes, is the unit of analysis.
2. Removing a source is predicted to raise the genes that it suppresses: predicted rise = -(signed score).
3. Statistic: mean over perturbations of the AUROC of the predicted rise for risen genes against the others. It reads
   ranks only, so a surplus of negative predictions cannot move it.
4. Two nulls (see ``null``): matched genes asks for more than expression level, swapped features for more than what
   any source with as many edges would predict (some genes rise after most knock-downs).
"""

from collections.abc import Iterator, Mapping

import numpy as np
from scipy.sparse import csr_array

from tasks.references.signatures import Signature
from tasks.store.progress import track
from tasks.validate.circuit import Circuit
from tasks.validate.null import Bools, Floats, Places, auroc, bins_of_equal, compare, mid_ranks, shuffles
from tasks.validate.report import Check, Row, measured, untested, without_edges
from tasks.validate.scores import SWAPPED, gene_rows, is_source, known_members, same_gene, swapped_features
from tasks.validate.settings import ValidateSettings

EXPRESSION_BIN = 25  # genes of about equal mean expression that may swap places
MATCHED = "predictions, set sizes and overlaps stay; genes are swapped within bins of equal mean expression"
MATCHED_STREAM, SWAPPED_STREAM = 2, 3  # of the random numbers
NO_FILE = "none"  # the reference of a study without a signature file


def check_perturbations(
    circuit: Circuit,
    name: str,
    signatures: list[Signature],
    expression: Mapping[str, float],
    settings: ValidateSettings,
    stand_in: bool,
) -> list[Row]:
    """Rows ``mean_auroc_matched_genes`` and ``mean_auroc_swapped_features``.

    ``expression`` is the mean count by symbol (upper case); a gene without one counts as 0.
    """
    gene_of = {signature.name: signature.gene for signature in signatures}
    sources = is_source(circuit)
    candidates = {signature.name: signature.up for signature in signatures if signature.gene in sources}
    names, members = known_members(candidates, circuit, settings.min_set)
    checks = _checks(name, len(names))
    if not names or not circuit.sense:
        reason = _reason(circuit, len(signatures), len(candidates), settings)
        return [untested(check, reason) for check in checks]
    genes = [gene_of[each] for each in names]
    excluded = same_gene(genes, circuit.target_symbols)
    lists, support = gene_rows(circuit, genes), circuit.support
    ranks = _rise_ranks(lists, support, excluded)
    observed = _mean_auroc(ranks, members, excluded)
    matched = [_mean_auroc(ranks, members[:, order], excluded) for order in _swaps(circuit, expression, settings)]
    orders = swapped_features(circuit, settings, SWAPPED_STREAM, f"null of {name}, swapped features")
    swapped = [_mean_auroc(_rise_ranks(lists[:, order], support, excluded), members, excluded) for order in orders]
    comparisons = [compare(observed, matched), compare(observed, swapped)]
    return [measured(check, found, len(names), stand_in) for check, found in zip(checks, comparisons, strict=True)]


def _rise_ranks(lists: csr_array, support: csr_array, excluded: Bools) -> Floats:
    """[perturbations, B] ranks of the predicted rise."""
    return mid_ranks(-(lists @ support).toarray(), excluded)


def _mean_auroc(ranks: Floats, members: Bools, excluded: Bools) -> float:
    return float(auroc(ranks, members, excluded).mean())


def _swaps(circuit: Circuit, expression: Mapping[str, float], settings: ValidateSettings) -> Iterator[Places]:
    means = np.array([expression.get(symbol.upper(), 0.0) for symbol in circuit.target_symbols])
    bins = bins_of_equal(means, np.zeros(means.size, dtype=np.int64), EXPRESSION_BIN)
    orders = shuffles(bins, settings.n_null, (settings.seed, MATCHED_STREAM))
    return track(orders, "null of matched genes", settings.n_null, "draw")


def _checks(name: str, n: int) -> list[Check]:
    knock_downs = f"{n} knock-down{'' if n == 1 else 's'} of {name}"
    claim = f"Genes that rise after {knock_downs} are where the circuits predict a rise, more often than"
    denial = f"Genes that rise after {knock_downs} are not where the circuits predict a rise more often than"
    others, features = "other genes of equal expression", "what other source features of equal degree predict"
    return [
        Check("perturbation", name, "mean_auroc_matched_genes", MATCHED, f"{claim} {others}", f"{denial} {others}"),
        Check(
            "perturbation", name, "mean_auroc_swapped_features", SWAPPED, f"{claim} {features}", f"{denial} {features}"
        ),
    ]


def _reason(circuit: Circuit, n_signatures: int, n_candidates: int, settings: ValidateSettings) -> str:
    if not n_signatures:
        return "the study names no file of knock-down signatures"
    if not circuit.sense:
        return "the ablation moves activations up and down (trace.ablation), so that no effect says what would rise"
    if not circuit.effects.nnz:
        return without_edges(circuit.rule)
    return (
        f"of {n_signatures} knock-downs {n_candidates} hit a gene on the list of an edge's source, and none of these "
        f"has {settings.min_set} risen genes at the target end of an edge"
    )
