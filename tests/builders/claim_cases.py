"""Known answers to the audit's questions: traps, which must not pass, and the same tables with a truth in them.

A case gives the tables of a run from a generator of random numbers. Sizes and laws are those of published mistakes
where these are known: hooks that delete a block, positions counted as units, popular targets taken for known ones.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tests.builders import (
    claim_cases_edges,
    claim_cases_features,
    claim_cases_hooks,
    claim_cases_interventions,
    claim_cases_networks,
    claim_cases_traps,
)
from tests.builders.planted_claims import Tables
from warehouse.claims.item import items
from warehouse.claims.schema import answerable

NO, YES, OPEN = "not supported", "supported", "cannot be told"
Build = Callable[[np.random.Generator], Tables]


@dataclass(frozen=True)
class Case:
    """One question and what it must be answered for tables of ``build``."""

    name: str
    item: str
    expected: str
    build: Build
    study: str = "{}"

    @property
    def is_truth(self) -> bool:
        """Whether the claim holds of the tables."""
        return self.expected == YES


def cases() -> list[Case]:
    """All of them whose questions this version of the program can ask."""
    named = {item.name for item in items() if answerable(item)}
    files = (
        claim_cases_features,
        claim_cases_edges,
        claim_cases_networks,
        claim_cases_interventions,
        claim_cases_hooks,
        claim_cases_traps,
    )
    declared = [each for file in files for each in file.CASES]
    return [Case(*each) for each in declared if each[1] in named]
