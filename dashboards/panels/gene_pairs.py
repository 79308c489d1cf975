"""Panel of predicted pairs of genes: what each network says of them."""

from dashboards.address import addressed_choice
from dashboards.charts.knowledge import beside_chance
from dashboards.data import query_run
from dashboards.layout import described_table, filled
from dashboards.panel import Panel
from dashboards.style import show

N_ROWS = 500


def networks() -> None:
    """Direct, indirect and absent pairs by network, then the pairs of one."""
    rows = query_run("pair_references")
    if not filled(rows, "No network of the study has edges of the genes that circuits join."):
        return
    titles = ("Pairs expected from the genes' numbers of edges", "Predicted pairs that the network lists")
    show(
        beside_chance(rows, ("expected_direct", "n_direct"), None, ["reference"], titles),
        "A point per network. Expected: pairs of genes that have as many edges among the predicted genes. Pairs that "
        "share features are no independent ones, so no test stands behind it: table validation has that.",
    )
    described_table(
        rows,
        "Direct: listed by the network; indirect: over a third gene, which dense networks have for nearly any pair; "
        "absent: neither. Scores are means of what circuits give the pairs. Level 1 of 4: an association.",
        height=200,
    )
    known = rows["reference"].to_list()
    reference = known[0] if len(known) == 1 else addressed_choice("Network", "network", known)
    pairs = query_run("known_pairs", reference=reference, n_rows=N_ROWS)
    described_table(pairs, "The strongest predictions.", of=("gene_pair",), height=300)


NETWORKS = Panel("Pairs in networks", ("gene_pair", "ref_edge"), networks)
