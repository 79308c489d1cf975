"""What the rows of one source layer's trace have in common."""

from dataclasses import dataclass

from tasks.sae import TopKSae

EFFECT = "total"  # everything downstream of the ablation is recomputed


@dataclass(frozen=True)
class Names:
    """The source layer and its autoencoder; the autoencoder of every target layer."""

    source_layer: int
    source_sae: str
    target_saes: dict[int, str]

    @classmethod
    def of(cls, source: TopKSae, targets: dict[int, TopKSae]) -> "Names":
        """Names of loaded autoencoders."""
        return cls(source.layer, source.sae_id, {layer: targets[layer].sae_id for layer in sorted(targets)})
