"""What the rows of one source layer's trace have in common."""

from dataclasses import dataclass

from tasks.sae import Sae


@dataclass(frozen=True)
class Names:
    """The source layer and its autoencoder; the autoencoder of every target layer; which effect was measured.

    ``effect``: total, everything downstream of the ablation is recomputed; direct, the ablated positions alone are.
    """

    source_layer: int
    source_sae: str
    target_saes: dict[int, str]
    effect: str

    @property
    def source(self) -> dict[str, str | int | float | None]:
        """The columns that all these rows share."""
        return {"effect": self.effect, "source_sae": self.source_sae, "source_layer": self.source_layer}

    @classmethod
    def of(cls, source: Sae, targets: dict[int, Sae], effect: str) -> "Names":
        """Names of loaded autoencoders, and of the effect that is measured between them."""
        saes = {layer: targets[layer].sae_id for layer in sorted(targets)}
        return cls(source.layer, source.sae_id, saes, effect)

    def unit(self, kind: str, number: int | None = None) -> str:
        """A unit of work of this effect."""
        return f"{self.effect}-{kind}" + ("" if number is None else f"-{number:05d}")

    def file(self, kind: str, number: int) -> str:
        """Where such a unit keeps what is in no table."""
        return f"{kind}/{self.unit(kind, number)}.parquet"
