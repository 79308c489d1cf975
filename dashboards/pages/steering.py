"""Steering: features turned up in early cells of a trajectory, and whether the model moves them along it."""

from dashboards.page import Page, run_page
from dashboards.panels.steering import DOSES, FEATURES, LAYERS, READ_OUTS, choose_readout

PAGE = Page(
    name="steering",
    title="Steering",
    icon="moving",
    shows="what turning features up does to early cells of a trajectory: doses, layers and kinds with what controls "
    "do, every feature, and how well read-outs tell cells apart",
    intro="Features that rise (ON) or fall (OFF) along a trajectory are turned up in early cells. Read-outs say "
    "whether the model then sees a later cell; controls and shuffled pseudotimes, how much of it any direction does.",
    head=choose_readout,
    panels=(DOSES, LAYERS, FEATURES, READ_OUTS),
)

if __name__ == "__main__":
    run_page(PAGE)
