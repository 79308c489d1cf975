"""What a study says of an encoder of your own, which no published layout describes."""

from typing import Literal

from pydantic import Field

from tasks.section import Section


class OwnEncoder(Section):
    """How genes become tokens of a Hugging Face encoder that reads genes by descending expression."""

    tokens: str = Field(description="Dictionary of tokens by gene, JSON or pickle, in the model directory")
    medians: str | None = Field(
        None,
        description="Dictionary of divisors by gene, in the model directory: genes are ranked by counts per 10,000 "
        "over it; unset, by counts alone",
    )
    genes: Literal["ensembl", "symbol"] = Field("ensembl", description="What the dictionaries call genes")
    pad: str = Field("<pad>", description="The token, by its name in the dictionary, that fills up a batch")
    mask: str | None = Field(None, description="The token that hides a gene; unset, prediction is not measured")
    start: str | None = Field(None, description="The token before the genes of a cell; unset, none")
    end: str | None = Field(None, description="The token behind the genes of a cell; unset, none")
    longest: int = Field(ge=8, le=65_535, description="Most tokens in a cell, special ones included")
