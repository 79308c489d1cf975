"""A rule about a table as the query for rows that break it."""

import re
from typing import NamedTuple

from warehouse.contracts.contract import Contract, contracts


class Query(NamedTuple):
    """A rule as the query for rows that break it; ``names``: the tables whose rows decide it."""

    check: str
    meaning: str
    sql: str
    names: frozenset[str]


def own(contract: Contract) -> frozenset[str]:
    """The names of a rule that the table's rows alone decide."""
    return frozenset({contract.table})


def mentioned(sql: str) -> frozenset[str]:
    """Tables that the text reads: a test sees to it that it names each behind FROM or JOIN."""
    return frozenset(re.findall(r'\b(?:FROM|JOIN)\s+"?(\w+)', sql)) & contracts().keys()
