"""Which model is looked into."""

from pydantic import BaseModel, ConfigDict, Field

from tasks.models.mini.settings import MiniSettings

VERSION = 1


class ModelSettings(BaseModel):
    """A model directory in the published layout, or the small stand-in that is trained on the cells."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(default="mini", min_length=1, description="A model directory, or mini: train geneformer-mini")
    mini: MiniSettings = Field(default=MiniSettings(), description="Shape and training of geneformer-mini")
    score_tokens: int = Field(
        default=60_000, ge=1, description="Tokens of held-out cells, about, on which masked-gene prediction is measured"
    )
    seed: int = Field(default=0, ge=0, description="Seed of the scored cells and of the genes masked in them")
