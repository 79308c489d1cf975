"""Across layers: what features of different layers have to do with each other."""

from dashboards.page import Page, run_page
from dashboards.panels.across import LIFECYCLE, LINKS, PERSISTENCE
from dashboards.panels.flow import FLOW
from dashboards.panels.subspace import AGAINST_PCA

PAGE = Page(
    name="across",
    title="Across layers",
    icon="layers",
    shows="links between features of different layers and how they flow between modules, highways, directions that "
    "last, and how autoencoders compare with principal axes layer by layer",
    intro="How layers relate: which features fire together, which directions are found again, how much of a layer "
    "plain principal axes hold. Causal effects between layers are on the page Circuits.",
    panels=(LINKS, FLOW, PERSISTENCE, LIFECYCLE, AGAINST_PCA),
    words=("feature", "module", "carried on", "null", "q"),
)

if __name__ == "__main__":
    run_page(PAGE)
