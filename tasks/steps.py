"""The steps of a study, in order: the one list from which plan, flow, command line and documents follow."""

from tasks.activations.step import STEP as ACTIVATIONS
from tasks.analyses.answers.step import STEP as ANSWERS
from tasks.analyses.baselines.step import STEP as BASELINES
from tasks.analyses.classes.step import STEP as CLASSES
from tasks.analyses.coherence.step import STEP as COHERENCE
from tasks.analyses.cohort.step import STEP as COHORT
from tasks.analyses.consensus.step import STEP as CONSENSUS
from tasks.analyses.contexts.step import STEP as CONTEXTS
from tasks.analyses.controls.step import STEP as CONTROLS
from tasks.analyses.damage.step import STEP as DAMAGE
from tasks.analyses.disease.step import STEP as DISEASE
from tasks.analyses.domains.step import STEP as DOMAINS
from tasks.analyses.effect_sizes.step import STEP as EFFECT_SIZES
from tasks.analyses.hubs.step import STEP as HUBS
from tasks.analyses.integration.step import STEP as INTEGRATION
from tasks.analyses.intervene.step import STEP as INTERVENE
from tasks.analyses.labels.step import STEP as LABELS
from tasks.analyses.links.step import STEP as LINKS
from tasks.analyses.modules.step import STEP as MODULES
from tasks.analyses.networks.step import STEP as NETWORKS
from tasks.analyses.patching.step import STEP as PATCHING
from tasks.analyses.ranked.step import STEP as RANKED
from tasks.analyses.relations.step import STEP as RELATIONS
from tasks.analyses.responses.step import STEP as RESPONSES
from tasks.analyses.shift.step import STEP as SHIFT
from tasks.analyses.stability.step import STEP as STABILITY
from tasks.analyses.steering.step import STEP as STEERING
from tasks.analyses.strength.step import STEP as STRENGTH
from tasks.analyses.subspace.step import STEP as SUBSPACE
from tasks.analyses.tails.step import STEP as TAILS
from tasks.analyses.tracking.step import STEP as TRACKING
from tasks.analyses.transfer.step import STEP as TRANSFER
from tasks.analyses.unannotated.step import STEP as UNANNOTATED
from tasks.cells.step import STEP as CELLS
from tasks.codes.step import STEP as CODES
from tasks.combine.step import STEP as COMBINE
from tasks.compare.step import STEP as COMPARE
from tasks.describe.step import STEP as DESCRIBE
from tasks.models.step import STEP as MODEL
from tasks.references.step import STEP as REFERENCES
from tasks.sae.step import STEP as SAE
from tasks.step import Step
from tasks.trace.step import STEP as TRACE
from tasks.validate.step import STEP as VALIDATE

STEPS: tuple[Step, ...] = (
    CELLS,
    REFERENCES,
    MODEL,
    ACTIVATIONS,
    SAE,
    COMPARE,
    CODES,
    DESCRIBE,
    MODULES,
    NETWORKS,
    RANKED,
    LINKS,
    SUBSPACE,
    BASELINES,
    COHORT,
    LABELS,
    CONTEXTS,
    TRACKING,
    UNANNOTATED,
    TRACE,
    CONTROLS,
    EFFECT_SIZES,
    STABILITY,
    COHERENCE,
    TAILS,
    HUBS,
    PATCHING,
    INTERVENE,
    DAMAGE,
    TRANSFER,
    DOMAINS,
    CONSENSUS,
    RELATIONS,
    CLASSES,
    DISEASE,
    COMBINE,
    STEERING,
    SHIFT,
    INTEGRATION,
    RESPONSES,
    ANSWERS,
    STRENGTH,
    VALIDATE,
)


def step_named(name: str) -> Step:
    """The step of that name. Raises KeyError if there is none."""
    return {step.name: step for step in STEPS}[name]
