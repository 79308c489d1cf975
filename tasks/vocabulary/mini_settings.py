"""What the stand-ins geneformer-mini and scgpt-mini look like and how they are trained."""

from pydantic import Field, model_validator

from tasks.section import Section


class MiniSettings(Section):
    """Shape and training of a stand-in. The longest sequence is the vocabulary's."""

    n_layers: int = Field(default=6, ge=1, description="Transformer blocks")
    d_model: int = Field(default=64, ge=8, description="Width of the residual stream")
    n_heads: int = Field(default=4, ge=1, description="Attention heads a block; divides d_model")
    d_ff: int = Field(default=128, ge=8, description="Width of the feed-forward layer")
    mask_fraction: float = Field(
        default=0.4,
        gt=0,
        lt=1,
        description="Share of gene positions to predict. Geneformer hides 0.15; with so few cells, more targets a step "
        "teach more: 5.17 nat instead of 5.55 on held-out cells after the same time. scGPT hides 0.4.",
    )
    steps: int = Field(default=3500, ge=1, description="Optimiser steps")
    batch_tokens: int = Field(default=1024, ge=64, description="Positions a batch, padding included; at least one cell")
    learning_rate: float = Field(
        default=2e-3, gt=0, description="Highest learning rate of AdamW, reached after the warm-up"
    )
    warmup: int = Field(default=100, ge=0, description="Steps of linear warm-up, before the cosine to zero")
    weight_decay: float = Field(
        default=0.01, ge=0, description="AdamW's decay of weight matrices; biases and norms are spared"
    )
    checkpoint_steps: int = Field(default=500, ge=1, description="Steps between checkpoints and points of the curve")
    seed: int = Field(default=0, ge=0, description="Seed of initial weights, order of cells and masks")

    @model_validator(mode="after")
    def _agree(self) -> "MiniSettings":
        if self.d_model % self.n_heads:
            raise ValueError(f"n_heads={self.n_heads} does not divide d_model={self.d_model}")
        if self.warmup >= self.steps:
            raise ValueError(f"warmup={self.warmup} leaves nothing of steps={self.steps}")
        return self
