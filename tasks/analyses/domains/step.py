"""Step ``domains``: the edges of a whole study as a graph of what features are about, beside what chance gives."""

from typing import Literal

from pydantic import Field

from tasks.analyses.edge_choice import EdgeChoice
from tasks.step import EVERY_LAYER, WHOLE, Reads, Step, asked_for

Kind = Literal["term", "module", "cell_type"]


class DomainChoice(EdgeChoice):
    """Which edges are summed up by domain, and what the sums are held against."""

    kinds: tuple[Kind, ...] = Field(
        ("term", "cell_type"),
        min_length=1,
        description="What a feature's domain is. term: its label, the significant gene set of smallest q; module: the "
        "first label of its module (needs step modules); cell_type: the type of cell that it was found to mark.",
    )
    n_draws: int = Field(
        1999, ge=99, description="Exchanges of targets behind each p. With many pairs of domains, q needs many of them."
    )
    bins: int = Field(
        10,
        ge=1,
        description="Most bins of firing frequency, and of the number of terms, within which targets are exchanged. "
        "Fewer where a tenth of the edges or more would have no target to exchange theirs for.",
    )
    min_edges: int = Field(3, ge=1, description="Fewest edges of a pair of domains that is tested and listed.")
    seed: int = Field(0, ge=0, description="Seed of the exchanges.")


class DomainsSettings(DomainChoice):
    """Whether edges are summed up by domain, and how."""

    wanted: bool = Field(False, description="Whether edges are summed up by what their two ends are about.")


ALSO = Reads("all layers, if there are any", EVERY_LAYER.choose, optional=True)
READS = {"trace": EVERY_LAYER, "describe": EVERY_LAYER, "modules": ALSO}

STEP = Step(
    name="domains",
    title="sum edges up by what their ends are about",
    settings=DomainsSettings,
    version=2,
    work="tasks.analyses.domains.work:sum_up_domains",
    tables=(
        "feature_domain",
        "domain_coverage",
        "domain_pair",
        "domain_order",
        "domain_layer",
        "domain_centrality",
        "domain_scc",
        "domain_loop",
    ),
    reads={**READS, "model": WHOLE},
    wanted=asked_for,
    how="set domains.wanted = true",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=10,
)
