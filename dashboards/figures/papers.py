"""The four papers, and the figures of all of them in order."""

from dataclasses import dataclass

from dashboards.figures.atlas import ATLAS
from dashboards.figures.circuits import CIRCUITS
from dashboards.figures.exhaustive import EXHAUSTIVE
from dashboards.figures.figure import Figure
from dashboards.figures.missing import MISSING
from dashboards.figures.variants import VARIANTS


@dataclass(frozen=True)
class Paper:
    """A paper by its key in figures, with its repository, and what it is about."""

    key: str
    title: str
    repository: str


PAPERS = (
    Paper("atlas", "Atlases of features", "bio-sae"),
    Paper("circuits", "Circuits between features", "bio-sae-circuits"),
    Paper("map", "The exhaustive map of layer 5", "sae-biological-map"),
    Paper("variants", "Variants and steered cells", "sae-for-scFMs"),
)
FIGURES: tuple[Figure, ...] = (*ATLAS, *CIRCUITS, *MISSING, *EXHAUSTIVE, *VARIANTS)


def figures_of(paper: str) -> tuple[Figure, ...]:
    """The figures of a paper, in its order."""
    return tuple(figure for figure in FIGURES if figure.paper == paper)
