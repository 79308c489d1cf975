"""Which model is looked into."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from tasks.section import LOCAL, Section
from tasks.vocabulary.mini_settings import MiniSettings
from tasks.vocabulary.own_settings import OwnEncoder

MINI, SCGPT_MINI = "mini", "scgpt-mini"
STAND_INS = (MINI, SCGPT_MINI)  # what model.path may say in place of a directory


class ModelSettings(Section):
    """A model directory, in a published layout or described here, or a small stand-in trained on the cells."""

    path: Annotated[str, LOCAL] = Field(
        default=MINI,
        min_length=1,
        description="A model directory; hf:OWNER/REPOSITORY/FOLDER@REVISION, a pinned revision on the Hugging Face "
        "hub; or a stand-in to train on the cells: mini (geneformer-mini, reads ranks) or scgpt-mini (reads values)",
    )
    own: OwnEncoder | None = Field(
        default=None, description="How to read an encoder of no published family; unset, the files tell the family"
    )
    mini: MiniSettings = Field(default=MiniSettings(), description="Shape and training of the stand-in")
    score_tokens: int = Field(
        default=60_000, ge=1, description="Tokens of held-out cells, about, on which masked-gene prediction is measured"
    )
    seed: int = Field(default=0, ge=0, description="Seed of the scored cells and of the genes masked in them")

    @property
    def trained_here(self) -> bool:
        """Whether the model is a stand-in that is trained on the cells."""
        return self.path in STAND_INS

    @model_validator(mode="after")
    def _own_has_a_directory(self) -> Self:
        if self.own is not None and self.trained_here:
            raise ValueError("own describes an encoder of yours: give its directory as model.path")
        return self
