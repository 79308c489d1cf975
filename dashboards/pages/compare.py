"""Autoencoders: how much they explain with how few features, how alike they are, how they trained."""

from dashboards.page import Page, run_page
from dashboards.panels.autoencoders import ALL_LAYERS, DENSITIES, OVERLAP, TRADE_OFFS, TRAINING
from dashboards.panels.cohorts import COHORTS
from dashboards.sae_choice import choose_layer

PAGE = Page(
    name="compare",
    title="Autoencoders",
    icon="compare_arrows",
    shows="variants, widths, strengths, seeds and layers side by side: quality against sparsity, shared features, "
    "training; autoencoders of one source of cells beside those of several",
    intro="How much autoencoders of one layer rebuild from how few features, how alike they are, how they trained.",
    head=choose_layer,
    panels=(TRADE_OFFS, OVERLAP, DENSITIES, TRAINING, COHORTS, ALL_LAYERS),
    words=("autoencoder", "feature", "alive", "variance explained", "position"),
)

if __name__ == "__main__":
    run_page(PAGE)
