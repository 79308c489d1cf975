"""Settings of the sae step."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from tasks.sae.kinds import KINDS
from tasks.section import LOCAL, Section

if TYPE_CHECKING:
    VariantName = str
else:
    VariantName = Literal[tuple(KINDS)]


class SaeSettings(Section):
    """Which layers get a sparse autoencoder, of what shape, and how it is trained."""

    layers: Literal["all"] | tuple[int, ...] = Field(default="all", description="Layers to train on, or all of them.")
    path: Annotated[str | None, LOCAL] = Field(
        default=None,
        description="Folder of a trained autoencoder to take instead of training one; {layer} or {layer:02d} in it "
        "stands for the layer. Only layers, splice_cells and seed count then.",
    )
    path_model: str | None = Field(
        default=None,
        description="What the files in path call the model they were trained on, where that is this model under "
        "another name; files that name another model are refused.",
    )
    variant: VariantName = Field(default="topk", description="Kind of autoencoder.")
    expansion: int = Field(
        default=8, ge=1, description="Features a dimension of the model: n_features = expansion * d."
    )
    k: int = Field(
        default=8,
        ge=1,
        description="Active features a position: always (topk), on average (batchtopk, matryoshka) or as an aim "
        "(jumprelu).",
    )
    sparsity: float | None = Field(
        default=None,
        ge=0,
        description="Coefficient of the sparsity term of standard, gated, jumprelu, p_anneal, gated_anneal, april; "
        "if not given, the variant's usual one.",
    )
    sparsity_warmup: int = Field(default=100, ge=0, description="Number of steps over which sparsity rises from 0.")
    steps: int = Field(default=1000, ge=1, description="Optimiser steps.")
    batch: int = Field(default=2048, ge=1, description="Positions a step.")
    lr: float = Field(
        default=5e-3, gt=0, description="Highest learning rate of Adam; wide dictionaries need a lower one."
    )
    warmup: int = Field(default=50, ge=0, description="Steps over which the learning rate rises from 0.")
    decay: int = Field(default=400, ge=0, description="Number of final steps over which the learning rate falls to 0.")
    clip: float = Field(
        default=1.0, gt=0, description="Gradient clipping: maximum global L2 norm, for a loss not divided by d."
    )
    auxk: float = Field(
        default=1 / 32, ge=0, description="Coefficient of the loss that revives dead features; 0: none."
    )
    dead_after: int = Field(
        default=100_000, ge=1, description="Positions without firing after which a feature is dead."
    )
    resample: int | None = Field(
        default=None,
        ge=2,
        description="Steps after which features that were silent for half as many are drawn anew from what is badly "
        "reconstructed, again and again while as many steps are left; for variants without k, whose dead features "
        "nothing else revives. Unset, never.",
    )
    patience: int | None = Field(
        default=None,
        ge=1,
        description="Points of the curve without a gain on held-out rows (fvu or l0 lower by 0.1 %) after which the "
        "learning rate falls and training ends; unset, all steps are taken.",
    )
    checkpoint_steps: int = Field(
        default=500, ge=1, description="Steps between checkpoints, from which killed training goes on."
    )
    log_every: int = Field(default=50, ge=1, description="Steps between points of the training curve.")
    memory_gb: float | None = Field(
        default=None,
        gt=0,
        description="Memory that a layer's activations may take while an autoencoder is trained on them; a larger "
        "layer stays on disk, and batches are read ahead of their steps. Unset: a quarter of what is free. No number "
        "depends on it.",
    )
    devices: tuple[Annotated[str, Field(pattern=r"^(cpu|cuda(:\d+)?)$")], ...] = Field(
        default=(),
        description='Devices that train the autoencoders of different layers, in turns, such as ["cuda:0", "cuda:1"], '
        "as many at once as there are workers; none: the study's. Each holds the model; numbers do not change.",
    )
    splice_cells: int = Field(default=64, ge=1, description="Most held-out cells the model's loss is measured on.")
    seed: int = Field(
        default=0, ge=0, description="Seed of initial weights and batches, which differ by layer, and of masked genes."
    )

    @model_validator(mode="after")
    def _phases_fit(self) -> Self:
        if self.warmup + self.decay > self.steps:
            raise ValueError(f"warmup {self.warmup} and decay {self.decay} exceed steps {self.steps}: lower them")
        return self

    @model_validator(mode="after")
    def _resampling_fits(self) -> Self:
        if self.resample is not None and KINDS[self.variant].by_k:
            others = ", ".join(kind.name for kind in KINDS.values() if not kind.by_k)
            raise ValueError(f"resample is for {others}, and variant is {self.variant}: leave it out")
        return self

    @model_validator(mode="after")
    def _path_can_be_filled_in(self) -> Self:
        try:
            self.folder(0)
        except (LookupError, ValueError, AttributeError):
            raise ValueError(f"only {{layer}} or {{layer:02d}} can stand in path, which is {self.path}") from None
        return self

    def folder(self, layer: int) -> Path | None:
        """The folder of the autoencoder that a layer takes; None if the study trains one."""
        return None if self.path is None else Path(self.path.format(layer=layer))
