"""Interventions: what happens when features or genes are changed."""

from dashboards.page import Page, run_page
from dashboards.panels.combinations import COMBINATIONS
from dashboards.panels.interventions import PERTURBATIONS
from dashboards.panels.layer_costs import PATCH_LAYERS
from dashboards.panels.named_interventions import NAMED
from dashboards.panels.patching import PATCHING
from dashboards.panels.set_ratios import SET_RATIOS
from dashboards.panels.trial import TRIAL

PAGE = Page(
    name="interventions",
    title="Interventions",
    icon="science",
    shows="what changes when features are switched off alone or together, and which features answer to genes switched "
    "off in cells",
    intro="What changes when features are switched off in the model, alone or together, and which features answer "
    "when a gene is switched off in cells. Effects on features of later layers are on the page Circuits.",
    panels=(COMBINATIONS, SET_RATIOS, PATCHING, PATCH_LAYERS, NAMED, PERTURBATIONS, TRIAL),
    words=("ablation", "steering", "activation", "null", "q"),
)

if __name__ == "__main__":
    run_page(PAGE)
