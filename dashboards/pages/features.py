"""Features: search and filter them, walk over their map, see their modules and what is not annotated."""

from dashboards.feature_search import search_features
from dashboards.page import Page, run_page
from dashboards.panels.features import MAP, TABLE, UNANNOTATED
from dashboards.panels.heat import FOUND
from dashboards.panels.modules import MODULES

PAGE = Page(
    name="features",
    title="Features",
    icon="search",
    shows="a table and a map of all features, filtered by gene, term, label, cell type; a heat map of those found and "
    "the labels of the cells; modules; features without annotation",
    intro="A feature is a direction in the model's activity that an autoencoder learned. It fires on some genes in "
    "some cells; the genes on which it fires most tell what it may stand for.",
    head=search_features,
    panels=(TABLE, MAP, FOUND, MODULES, UNANNOTATED),
    words=("feature", "alive", "annotated", "q", "AUROC", "module"),
)

if __name__ == "__main__":
    run_page(PAGE)
