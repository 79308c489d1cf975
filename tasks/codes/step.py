"""Step ``codes``: encode every kept position of every autoencoder's layer once, and keep the firings."""

from tasks.codes.settings import CodesSettings
from tasks.step import SAME_LAYER, WHOLE, Step, layers_of

STEP = Step(
    name="codes",
    title="encode positions",
    settings=CodesSettings,
    version=1,
    work="tasks.codes.work:encode_layer",
    tables=(),
    reads={"sae": SAME_LAYER, "activations": WHOLE},
    layers=layers_of("sae"),
    seconds=2.7,
)
