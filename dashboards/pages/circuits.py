"""Circuits: the edges of a run, its hubs, how thresholds, null and controls look, and a graph of features."""

from dashboards.circuit_choice import choose_circuits
from dashboards.page import Page, run_page
from dashboards.panels.circuits import EDGES, HUBS
from dashboards.panels.control_summary import CONTROL_SUMMARY
from dashboards.panels.damage import DAMAGE
from dashboards.panels.edges import ANNOTATED_HUBS, COHERENCE, TAILS
from dashboards.panels.effect_sizes import ATTENUATION, EFFECT_SIZES, REPLICATION, RESPONSIVE_TARGETS
from dashboards.panels.effects import DIRECT_AND_TOTAL, PRECISION, warn_if_not_audited
from dashboards.panels.evidence import CONTROLS, THRESHOLDS, TRACED_CELLS
from dashboards.panels.graph import GRAPH
from dashboards.panels.layer_costs import DAMAGE_LAYERS
from dashboards.panels.stability import COEXPRESSION, LEAST_EFFECTS, STABILITY
from dashboards.panels.transfer import TRANSFER


def head() -> bool:
    """The boxes that choose edges, and a warning if cheap arithmetic was not audited."""
    warn_if_not_audited()
    return choose_circuits()


PAGE = Page(
    name="circuits",
    title="Circuits",
    icon="account_tree",
    shows="edges by layer, sign, effect and q; degree against firing frequency, its tail, annotation of hubs and what "
    "they cost the model; terms that both ends share; attenuation, effect sizes, replication, stability in other cells "
    "and studies, co-expression; direct against total; thresholds, null and controls; the graph around pinned features",
    intro="An edge says: when the source feature is switched off, the target feature, in a later layer, fires more or "
    "less, cell after cell. Sign flips of cells tell how often chance gives as much; q corrects for all tests.",
    head=head,
    panels=(
        EDGES,
        GRAPH,
        HUBS,
        TAILS,
        ANNOTATED_HUBS,
        DAMAGE,
        DAMAGE_LAYERS,
        RESPONSIVE_TARGETS,
        COHERENCE,
        ATTENUATION,
        EFFECT_SIZES,
        REPLICATION,
        STABILITY,
        COEXPRESSION,
        LEAST_EFFECTS,
        TRANSFER,
        DIRECT_AND_TOTAL,
        THRESHOLDS,
        CONTROLS,
        CONTROL_SUMMARY,
        TRACED_CELLS,
        PRECISION,
    ),
    words=(
        "edge",
        "ablation",
        "total and direct",
        "specific",
        "published rule",
        "d and g",
        "q",
        "hub",
        "carried on",
        "null",
    ),
)

if __name__ == "__main__":
    run_page(PAGE)
