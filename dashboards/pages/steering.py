"""Steering: what changing features does to cells, along a trajectory and on the embedding of batches."""

from dashboards.page import Page, run_page
from dashboards.panels.shift import BENCHMARK, CELLS
from dashboards.panels.steering import DOSES, FEATURES, LAYERS, READ_OUTS, choose_readout

PAGE = Page(
    name="steering",
    title="Steering",
    icon="moving",
    shows="what turning features up does to early cells of a trajectory: doses, layers and kinds with what controls "
    "do, every feature, and how well read-outs tell cells apart; where the model puts cells once features are changed, "
    "and whether that mixes batches and keeps cell types apart",
    intro="Features that rise (ON) or fall (OFF) along a trajectory are turned up in early cells. Read-outs say "
    "whether the model then sees a later cell; controls and shuffled pseudotimes, how much of it any direction does. "
    "Cells and Benchmark: features of batches, types or genes changed in whole cells, and their embedding before and "
    "after.",
    head=choose_readout,
    panels=(DOSES, LAYERS, FEATURES, READ_OUTS, CELLS, BENCHMARK),
    words=("steering", "activation", "null", "q"),
)

if __name__ == "__main__":
    run_page(PAGE)
