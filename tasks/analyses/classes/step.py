"""Step ``classes``: whether edges stay within a class of cells, such as features that mark one type."""

from collections.abc import Mapping

from pydantic import Field

from tasks.analyses.edge_choice import EdgeChoice
from tasks.analyses.labels.step import LabelsSettings
from tasks.section import Sections
from tasks.step import EVERY_LAYER, Layer, Reads, Step, asked_for
from tasks.store import RequestError


class ClassesSettings(EdgeChoice):
    """What puts a feature into a class, and what edges within a class are held against."""

    wanted: bool = Field(False, description="Whether edges within classes of cells are counted.")
    column: str | None = Field(
        None,
        description="obs column of step labels whose labels are the classes: a feature belongs to the label that it "
        "marks with the smallest q. Unset: the type of cell that step describe calls for the feature. Never by name.",
    )
    min_sources: int = Field(3, ge=2, description="Fewest sources, and targets, of a class that is tested.")
    bins: int = Field(
        10, ge=1, description="Most bins of firing frequency, and of the number of terms, within which classes are "
        "exchanged among the targets of a layer."
    )  # fmt: skip
    n_draws: int = Field(1999, ge=99, description="Exchanges behind each p.")
    seed: int = Field(0, ge=0, description="Seed of exchanges and intervals.")


def outside(sections: Sections, _layer: Layer) -> Mapping[str, object]:
    """Nothing. Raises RequestError if labels are asked for that the study does not make."""
    column, labels = sections.of(ClassesSettings).column, sections.of(LabelsSettings)
    if column is None:
        return {}
    if not labels.wanted:
        raise RequestError(
            f"classes.column: labels of {column} are those of step labels: set labels.wanted = true, or leave it out"
        )
    if labels.columns and column not in labels.columns:
        named = ", ".join(labels.columns)
        raise RequestError(f"classes.column: {column} is not among labels.columns: name one of {named}")
    return {}


STEP = Step(
    name="classes",
    title="count edges within classes of cells",
    settings=ClassesSettings,
    version=1,
    work="tasks.analyses.classes.work:count_within_classes",
    tables=("class_enrichment", "class_circuit"),
    reads={
        "trace": EVERY_LAYER,
        "describe": EVERY_LAYER,
        "labels": Reads(
            "all layers, if classes.column is set",
            lambda settings, _layer, known: known if settings.column else (),
            optional=True,
        ),
    },
    outside=outside,
    wanted=asked_for,
    how="set classes.wanted = true",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=5,
)
