"""Models that predict nothing, as far as what a study says of them tells before weights are read."""

from tasks.store import RequestError
from tasks.vocabulary.model_settings import ModelSettings


def refuse_silent_model(model: ModelSettings, step: str, instead: str = "") -> None:
    """Raise RequestError if ``step`` asks for predictions of a model that makes none; others are seen at loading.

    ``instead``: what else can be done, for a step that reads more than predictions.
    """
    leave_out = f"leave {step} out" + (f", or {instead}" if instead else "")
    if model.own is not None and model.own.mask is None:
        raise RequestError(
            f"{step} reads what a model predicts of hidden genes, and model.own names no mask token: set "
            f"model.own.mask, or {leave_out}"
        )
