"""Settings of the ``cells`` step: which cells, how they become tokens, which genes the small model knows."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tasks.section import LOCAL, Section
from tasks.store import RequestError

Amounts = Literal["counts", "integers", "corrected", "fpkm", "tpm"]
ObsValue = bool | int | float | str
Wanted = dict[str, ObsValue | list[ObsValue]]  # by obs column: the value, or the values, of the cells that are wanted


class CellsSettings(Section):
    """Which cells of which files are used, and how they are tokenised."""

    path: Annotated[str | tuple[str, ...], LOCAL] = Field(
        "sample",
        description="Raw counts as .h5ad, .h5mu, .zarr, .loom, .csv, or as .h5 or matrix folder of Cell Ranger; a list "
        "of them, or a folder of several: the genes that all of them have are used, and cells are drawn in equal "
        "numbers from each. 'sample' is the bundled file",
    )
    obs: tuple[str, ...] = Field(
        (), description="obs columns to keep for the cells in use, in table cell_obs: donor, batch, treatment, ..."
    )
    label: str | None = Field(
        None, description="obs column with cell types; unset, cell_type is taken if the file has it, else no labels"
    )
    where: Wanted = Field(
        default_factory=dict, description="Keep cells whose obs column has this value, or one of these values"
    )
    n: int | None = Field(None, ge=2, description="How many cells to draw; unset, all")
    balance: str | None = Field(
        None,
        description="obs column of whose values equal numbers of cells are drawn, as far as there are cells, in place "
        "of equal numbers from each file; cells without a value are left out",
    )
    draw: Literal["seeded", "published"] = Field(
        "seeded",
        description="seeded: the cells stand in a random order, the first that pass are used; published: the first, in "
        "file order, of a random 2,000, as in the published atlas. They are the head of a sorted list: in a file that "
        "was put together from several lines or batches, nearly all come from the first of them",
    )
    seed: int = Field(0, ge=0, description="Seed of the draw, which also decides the held-out cells")
    counts: str | None = Field(
        None, description="Where the raw counts are: X, raw.X or layers/NAME; unset, they are found by their values"
    )
    genome: str | None = Field(
        None, description="Which genome's genes to use of a file that holds several, GRCh38 or mm10 for instance"
    )
    values: Amounts = Field(
        "counts",
        description="What the values are. counts: raw counts, recognised by their values; integers: whole numbers that "
        "are taken for counts, whatever they look like; corrected (SoupX, DecontX), fpkm, tpm: fractions, for models "
        "that read ranks within a cell; n_counts and mean_count are then sums and means of these",
    )
    recover: bool = Field(
        False,
        description="Where a file holds no counts but log1p of counts per a common total, take the counts back; every "
        "cell in use is checked, and one that fails is refused",
    )
    heldout_fraction: float = Field(0.2, gt=0, lt=1, description="Share of the chosen cells kept from training")
    min_genes: int = Field(20, ge=1, description="Cells that express fewer genes of the vocabulary are dropped")
    min_known: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Smallest share of the chosen cells' counts that must be of genes the model knows (for the model "
        "trained on the cells: of identified genes); below it, the run is refused",
    )
    max_length: int | None = Field(
        None,
        ge=8,
        le=65_535,
        description="Most tokens in a cell, special ones included; unset, as many as the model takes",
    )
    gene_choice: Literal["random", "highest", "variable"] = Field(
        "random",
        description="Which genes of a cell that expresses more than max_length allows, for models that read values: "
        "random, drawn by the seed for each cell; highest counts; variable, of every cell the genes that vary most. "
        "Models that read ranks take the highest ranks",
    )
    input_form: Literal["embedding", "annotation", "integration"] | None = Field(
        None,
        description="For a published scGPT, the form of one of its own programs, in place of max_length and "
        "gene_choice: embedding, 1,200 tokens of genes with a count, at random; annotation, 3,001 of them; "
        "integration, the 1,200 genes that vary most, with a count or without",
    )
    tokenisation: Literal["official", "published"] = Field(
        "official",
        description="official: counts per 10,000 over the gene median; published: log1p before the median, "
        "as in the published atlas, which is not what Geneformer was trained on",
    )

    @property
    def paths(self) -> tuple[str, ...]:
        """The files, one or more."""
        return (self.path,) if isinstance(self.path, str) else self.path

    def require_kept(self, setting: str, name: str | None, *, label: bool = True) -> None:
        """Raise RequestError if an obs column is not kept; ``label``: that of the label and the file's name may do."""
        others = (self.label or "cell_type", "source") if label else ()
        if name is not None and name not in (*self.obs, *others):
            kept = ", ".join(self.obs) or "no column"
            raise RequestError(f"{setting}: {name} is not kept: add it to cells.obs, which has {kept}")

    @model_validator(mode="after")
    def _draw_fits(self) -> Self:
        if not self.paths:
            raise ValueError("path is an empty list: name a file of cells")
        if self.balance is not None and self.n is None:
            raise ValueError("balance needs n: all cells are used, and there is nothing to draw")
        if self.draw == "published" and (self.balance is not None or len(self.paths) > 1):
            raise ValueError("the published draw takes cells of one file as they come: leave draw out to balance them")
        if self.recover and self.values != "counts":
            raise ValueError(f"recover takes counts back, and values says there are {self.values}: leave one out")
        if self.input_form is not None and (self.max_length is not None or self.gene_choice != "random"):
            raise ValueError(
                f"input_form {self.input_form} says which genes are read: leave max_length, gene_choice out"
            )
        if len(set(self.obs)) < len(self.obs):
            raise ValueError(f"obs names a column twice: {', '.join(self.obs)}")
        return self


class MiniVocabulary(Section):
    """The vocabulary that is built from the chosen cells, for a model trained on them."""

    max_genes: int = Field(2000, ge=2, le=60_000, description="Most genes in the vocabulary, the most informative ones")
    max_length: int = Field(512, ge=8, le=4096, description="Most tokens in a cell, special ones included")
    min_cells: int = Field(3, ge=1, description="A gene is known if at least this many training cells express it")


class BinnedVocabulary(MiniVocabulary):
    """The same choice of genes by the same settings, for a model that knows symbols and reads values in bins."""
