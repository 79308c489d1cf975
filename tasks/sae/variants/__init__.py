"""The kinds of sparse autoencoders in training: one file per variant, with the equations of its paper."""

from importlib import import_module

from tasks.sae.kinds import KINDS
from tasks.sae.settings import SaeSettings
from tasks.sae.variants.variant import Fitted, Gradients, Variant, Weights

__all__ = ["VARIANTS", "Fitted", "Gradients", "Variant", "Weights", "start"]

VARIANTS: dict[str, type[Variant]] = {
    name: getattr(import_module(f"tasks.sae.variants.{name}"), kind.variant) for name, kind in KINDS.items()
}


def start(weights: Weights, settings: SaeSettings) -> Variant:
    """The wanted variant, ready to train from copies of W_enc, b_enc, W_dec and b_dec."""
    return VARIANTS[settings.variant](weights, settings)
