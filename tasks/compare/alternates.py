"""Which autoencoders the lists of a comparison stand for."""

from itertools import product
from typing import Any

from tasks.compare.settings import CompareSettings
from tasks.sae.kinds import KINDS
from tasks.sae.settings import SaeSettings
from tasks.store import RequestError


def alternates(settings: CompareSettings, sae: SaeSettings) -> list[SaeSettings]:
    """Every combination of the lists once, all else as in ``sae``, without ``sae`` itself.

    Raises RequestError if none is left.
    """
    found = []
    for variant, expansion, seed in product(
        settings.variants or (sae.variant,), settings.expansions or (sae.expansion,), settings.seeds or (sae.seed,)
    ):
        for strength in _strengths(settings, sae, variant):
            changes = {"variant": variant, "expansion": expansion, "seed": seed, "path": None, **strength}
            other = SaeSettings.model_validate({**sae.model_dump(), **changes})
            if other != sae and other not in found:
                found.append(other)
    if not found:
        raise RequestError("compare: no autoencoder other than that of section sae: name other variants, ks or seeds")
    return found


def _strengths(settings: CompareSettings, sae: SaeSettings, variant: str) -> list[dict[str, Any]]:
    """k, or the coefficient of the penalty: a variant has the one or the other."""
    if KINDS[variant].by_k:
        return [{"k": k, "resample": None} for k in settings.ks or (sae.k,)]
    if settings.penalties:
        usual = KINDS[variant].usual_sparsity
        return [{"sparsity": factor * usual} for factor in settings.penalties]
    return [{"sparsity": sae.sparsity if variant == sae.variant else None}]
