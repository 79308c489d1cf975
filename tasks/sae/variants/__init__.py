"""The kinds of sparse autoencoders: one file a variant, with the equations of its paper."""

from tasks.sae.settings import SaeSettings
from tasks.sae.variants.batchtopk import BatchTopK
from tasks.sae.variants.gated import Gated
from tasks.sae.variants.gated_anneal import GatedAnneal
from tasks.sae.variants.jumprelu import JumpRelu
from tasks.sae.variants.matryoshka import Matryoshka
from tasks.sae.variants.p_anneal import PAnneal
from tasks.sae.variants.standard import Standard
from tasks.sae.variants.topk import TopK
from tasks.sae.variants.variant import Fitted, Gradients, Variant, Weights

__all__ = ["VARIANTS", "Fitted", "Gradients", "Variant", "Weights", "start"]

VARIANTS: dict[str, type[Variant]] = {
    "topk": TopK,
    "batchtopk": BatchTopK,
    "matryoshka": Matryoshka,
    "standard": Standard,
    "gated": Gated,
    "jumprelu": JumpRelu,
    "p_anneal": PAnneal,
    "gated_anneal": GatedAnneal,
}


def start(weights: Weights, settings: SaeSettings) -> Variant:
    """The wanted variant, ready to train from copies of W_enc, b_enc, W_dec and b_dec."""
    return VARIANTS[settings.variant](weights, settings)
