"""Step ``consensus``: which pairs of domains edges join in this study and in others, beside what chance gives."""

from pydantic import Field

from tasks.analyses.domains.step import READS, DomainChoice
from tasks.step import Step, asked_for


class ConsensusSettings(DomainChoice):
    """Whether edges are compared by domain with those of other studies, and how."""

    wanted: bool = Field(
        False,
        description="Whether pairs of domains are compared with those of the studies named under with: another model, "
        "another seed, other cells.",
    )


STEP = Step(
    name="consensus",
    title="compare joined domains between studies",
    settings=ConsensusSettings,
    version=2,
    work="tasks.analyses.consensus.work:compare_domains",
    tables=("consensus_test", "consensus_pair", "null_draw"),
    reads=READS,
    reads_others=READS,
    wanted=asked_for,
    how="set consensus.wanted = true and name another study under with",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=10,
)
