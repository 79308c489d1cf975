"""Step ``relations``: which joined domains are known to belong together, and which are not."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from tasks.analyses.domains.step import READS, DomainsSettings, Kind
from tasks.section import LOCAL, Section, Sections
from tasks.step import WHOLE, Layer, Step, asked_for
from tasks.store import RequestError, sha256_once

LINKED: tuple[Kind, ...] = ("term", "module")  # kinds of domains that are gene sets


class RelationsSettings(Section):
    """What makes two domains a known pair."""

    wanted: bool = Field(False, description="Whether known pairs of joined domains are told from novel ones.")
    alpha: float = Field(
        0.05, gt=0, lt=1, description="False discovery rate of links between domains, and of pairs that edges join."
    )
    min_score: float = Field(0.0, ge=0, description="Network edges of a lower score are left out; unscored ones stay.")
    ontology: Annotated[Path | None, LOCAL] = Field(
        None,
        description="OBO file of the Gene Ontology (go-basic.obo): sets whose names hold GO ids are known to be linked "
        "if one lies below the other; unset, this is not told.",
    )


def outside(sections: Sections, _layer: Layer) -> Mapping[str, object]:
    """The ontology by its content. Raises RequestError if it is missing, or no domain of the study is a gene set."""
    settings = sections.of(RelationsSettings)
    kinds = sections.of(DomainsSettings).kinds
    if not set(kinds) & set(LINKED):
        raise RequestError(
            "relations.wanted: types of cells have no genes by which they could be linked: add term or module to "
            "domains.kinds"
        )
    if settings.ontology is None:
        return {}
    if not settings.ontology.is_file():
        raise RequestError(f"relations.ontology: no file at {settings.ontology}: give the path of an OBO file")
    return {"ontology": sha256_once(settings.ontology)}


STEP = Step(
    name="relations",
    title="tell known from novel pairs of domains",
    settings=RelationsSettings,
    version=1,
    work="tasks.analyses.relations.work:find_relations",
    tables=("domain_link", "novel_pair", "novel_share"),
    reads={"domains": WHOLE, **READS, "references": WHOLE, "activations": WHOLE, "cells": WHOLE},
    outside=outside,
    wanted=asked_for,
    how="set relations.wanted = true",
    apart=frozenset({"wanted", "ontology"}),
    on_device=False,
    seconds=10,
)
