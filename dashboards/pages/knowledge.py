"""Knowledge: edges by what their ends are about, what two studies share, and what is switched off in real cells."""

from dashboards.page import Page, run_page
from dashboards.panels.gene_pairs import NETWORKS
from dashboards.panels.knowledge import CONSENSUS, DOMAINS, ORDER, choose_kind
from dashboards.panels.knowledge_groups import CLASSES, DISEASE
from dashboards.panels.knowledge_relations import ALL_TERMS, NOVEL, PLACES
from dashboards.panels.perturbations import ANSWERS, DIRECTIONS, SCREEN, STRENGTHS

PAGE = Page(
    name="knowledge",
    title="Knowledge",
    icon="lan",
    shows="which gene sets or types of cells edges join, in what order, and which pairs no reference links; edges "
    "within classes of cells and within diseases; what two studies have in common; pairs of genes that "
    "networks list; genes switched off in cells, and whether circuits and features say so: all beside chance",
    intro="Edges are summed up by what the features at their two ends are about. A pair of domains counts only if more "
    "edges join it than once targets are exchanged among features that fire as often and bear as many terms. It says "
    "what features have in common in this model. It does not say that one process acts on another in a cell. Where "
    "genes were switched off in real cells, predictions of the circuits are held against what happened.",
    head=choose_kind,
    panels=(
        DOMAINS,
        ALL_TERMS,
        NOVEL,
        ORDER,
        PLACES,
        CLASSES,
        DISEASE,
        CONSENSUS,
        NETWORKS,
        SCREEN,
        DIRECTIONS,
        ANSWERS,
        STRENGTHS,
    ),
    words=("edge", "annotated", "null", "q"),
)

if __name__ == "__main__":
    run_page(PAGE)
