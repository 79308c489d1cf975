"""Settings of how the work of one layer is cut and spread: over units, devices and processes."""

from typing import Annotated, Literal

from pydantic import Field

from tasks.trace.ablation_settings import AblationSettings


class SpreadSettings(AblationSettings):
    """What decides how long a trace takes and what memory, and no number that it finds."""

    devices: tuple[Annotated[str, Field(pattern=r"^(cpu|cuda(:\d+)?)$")], ...] = Field(
        default=(),
        description='Devices that share the work of a layer, such as ["cuda:0", "cuda:1"]; none: the study\'s. Each '
        "holds the model; numbers do not change.",
    )
    parts: int = Field(
        default=1,
        ge=1,
        description="Parts that a layer's measurements are divided into, for as many workers of the runner at once; "
        "numbers do not change.",
    )
    memory_gb: float = Field(
        default=8.0, gt=0, description="Memory that tracing may take; units of work follow from it."
    )
    feature_block: Literal["auto"] | Annotated[int, Field(ge=1)] = Field(
        default="auto", description="Source features of one unit of work; auto: about a minute's work."
    )
    cell_block: Literal["auto"] | Annotated[int, Field(ge=1)] = Field(
        default="auto", description="Cells of one unit of work, prepared once for all features; auto: as memory allows."
    )
    batch_tokens: Literal["auto"] | Annotated[int, Field(ge=1)] = Field(
        default="auto", description="Tokens that pass through a block at once; auto: as suits the device."
    )
