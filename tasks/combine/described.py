"""What a design knows of features: the significant terms of each, and how often it fires."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tasks.store import StepFolder

Feature = tuple[int, int]  # layer, number


@dataclass(frozen=True)
class Described:
    """``terms`` of every feature that has a significant one; ``frequency`` of every feature that fires."""

    terms: Mapping[Feature, frozenset[str]]
    frequency: Mapping[Feature, float]

    def of(self, feature: Feature) -> frozenset[str]:
        """Its significant terms."""
        return self.terms.get(feature, frozenset())

    def apart(self, features: tuple[Feature, ...]) -> bool:
        """Whether no two of the features share a significant term."""
        every = [term for feature in features for term in self.of(feature)]
        return len(every) == len(set(every))


def read_described(folders: Mapping[int, Path], library: str | None) -> Described:
    """From the folders of step describe by layer; ``library``: the one whose terms count, all of them if None."""
    terms: dict[Feature, frozenset[str]] = {}
    frequency: dict[Feature, float] = {}
    for layer, path in folders.items():
        folder = StepFolder.open(path)
        found = folder.read_table("annotation").filter("significant")
        own = found if library is None else found.filter(library=library)
        named = own.with_columns(term=pl.format("{}: {}", "library", "term")).group_by("feature").agg("term")
        terms |= {(layer, feature): frozenset(each) for feature, each in named.iter_rows()}
        fires = folder.read_table("feature").filter(pl.col("frequency") > 0)
        frequency |= {(layer, feature): each for feature, each in fires.select("feature", "frequency").iter_rows()}
    return Described(terms, frequency)
