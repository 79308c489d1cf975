"""Knowledge: edges by what their ends are about, what two studies share, and what is switched off in real cells."""

from dashboards.page import Page, run_page
from dashboards.panels.knowledge import CONSENSUS, DOMAINS, ORDER, choose_kind
from dashboards.panels.perturbations import ANSWERS, DIRECTIONS, SCREEN

PAGE = Page(
    name="knowledge",
    title="Knowledge",
    icon="lan",
    shows="which gene sets or types of cells edges join, and in what order, beside edges with exchanged targets; what "
    "two studies have in common, beside chance; genes switched off in cells, and whether circuits and features say so",
    intro="Edges are summed up by what the features at their two ends are about. A pair of domains counts only if more "
    "edges join it than once targets are exchanged among features that fire as often and bear as many terms. It says "
    "what features have in common in this model. It does not say that one process acts on another in a cell. Where "
    "genes were switched off in real cells, predictions of the circuits are held against what happened.",
    head=choose_kind,
    panels=(DOMAINS, ORDER, CONSENSUS, SCREEN, DIRECTIONS, ANSWERS),
)

if __name__ == "__main__":
    run_page(PAGE)
