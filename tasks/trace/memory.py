"""Memory that a trace takes beyond the loaded model and autoencoders, estimated before it starts."""

from tasks.store.memory import require_memory
from tasks.trace.flips import ROWS
from tasks.trace.inputs import TraceInputs
from tasks.trace.settings import TraceSettings

SINGLE, DOUBLE, CODE = 4, 8, 4 + 8  # bytes: a float32, a float64, one sparse code and its index
WORKING_STATES = 6  # hidden states alive at once inside a block: input, query, key, value, attended, output


def needed_memory(settings: TraceSettings, inputs: TraceInputs) -> int:
    """Bytes: clean cells kept, one batch at work, the effects of one unit, the flips of one feature."""
    info = inputs.adapter.info
    lengths = [len(tokens) for tokens in inputs.tokens.values()]
    n_targets = sum(sae.n_features for sae in inputs.targets.values())
    position = SINGLE * info.d_model + CODE * sum(sae.k for sae in [inputs.source, *inputs.targets.values()])
    batch = max(settings.batch_tokens, *lengths)
    working = batch * SINGLE * (WORKING_STATES * info.d_model + info.d_ff + len(inputs.targets) * info.d_model)
    effects = settings.feature_block * len(lengths) * n_targets * SINGLE
    archive = effects + effects // 2  # the sparse copy, at worst with every entry kept and its index
    tests = n_targets * DOUBLE * (len(lengths) * 3 + ROWS * 2 + settings.null_flips * 12)
    return sum(lengths) * position + working + effects + archive + tests


def require_room(settings: TraceSettings, inputs: TraceInputs) -> None:
    """Raise RequestError if the estimate exceeds what is available."""
    remedy = "set a smaller trace.feature_block, trace.n_cells or trace.batch_tokens"
    require_memory(needed_memory(settings, inputs), "tracing", remedy)
