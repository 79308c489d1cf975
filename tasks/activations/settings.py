"""Which layers are kept, of which positions, and how the work is cut."""

from typing import Literal

from pydantic import Field, field_validator

from tasks.section import Section


class ActivationsSettings(Section):
    """Settings of the step that runs the model over the cells."""

    layers: Literal["all"] | list[int] = Field(default="all", description="Layers to keep, from 0, or all")
    batch_tokens: int = Field(default=8192, ge=1, description="Positions a batch, padding included; at least one cell")
    precision: Literal["float32", "tf32", "bf16"] = Field(
        default="float32",
        description="Of the matrix products inside the model's blocks; the residual stream stays float32, and what is "
        "kept is float16 either way. tf32 needs CUDA",
    )
    positions_per_cell: int | None = Field(
        default=None, ge=1, description="Gene positions kept of each cell, drawn by seed; all if not given"
    )
    seed: int = Field(default=0, ge=0, description="Seed of the drawn positions")
    chunk_cells: int = Field(default=512, ge=1, description="Cells of a unit of work, and of a shard")

    @field_validator("layers")
    @classmethod
    def _distinct(cls, layers: Literal["all"] | list[int]) -> Literal["all"] | list[int]:
        if layers != "all" and (not layers or len(set(layers)) < len(layers) or min(layers) < 0):
            raise ValueError("give each layer once, from 0, at least one")
        return layers if layers == "all" else sorted(layers)
