"""Which columns of a matrix are genes: antibodies, guides, hashtags, peaks and controls are none.

1. Types as Cell Ranger, Xenium, CELLxGENE and the curators of public files write them, in any case and spacing. Where
   some columns are gene expression, all others are not. Where none is called that, those of a known other type go, and
   the rest stays: CELLxGENE's ``feature_type`` says protein_coding.
2. Columns without a type beside columns with one are refused: nobody can tell what they are.
3. Names that no gene has (``CD3_TotalSeqB``, ``ADT-CD3``, ``chr1:100-200``, ``ERCC-00002``) always go.
"""

import re
from collections import Counter
from enum import Enum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tasks.store import RequestError

TYPE_COLUMNS = ("feature_types", "feature_type", "featuretype", "feature_biotype", "modality", "assay")
SHOWN = 5


class Kind(Enum):
    """What a word says of a feature, if it says anything."""

    EXPRESSION = 1
    OTHER = 2


EXPRESSION = frozenset(
    {"geneexpression", "expression", "gene", "genes", "gex", "rna", "scrna", "mrna", "cdna", "transcript"}
    | {"transcripts", "transcriptome", "transcriptomics", "totalrna", "scrnaseq", "snrna", "snrnaseq"}
)
OTHER = frozenset(
    {"antibodycapture", "antibody", "antibodies", "antigencapture", "antibodyderivedtag", "adt", "adts", "protein"}
    | {"proteins", "proteinexpression", "prot", "citeseq", "surface", "surfaceprotein", "crisprguidecapture", "crispr"}
    | {"guide", "guides", "grna", "sgrna", "gdo", "multiplexingcapture", "multiplexing", "hto", "htos", "hashtag"}
    | {
        "hashtags",
        "cmo",
        "custom",
        "peaks",
        "peak",
        "atac",
        "scatac",
        "atacseq",
        "chromatinaccessibility",
        "vdj",
        "tcr",
    }
    | {"bcr", "vdjt", "vdjb", "airr", "mhc", "spikein", "spikeins", "ercc", "negativecontrolprobe"}
    | {"negativecontrolcodeword", "blankcodeword", "unassignedcodeword", "deprecatedcodeword", "genomiccontrol"}
    | {"genomiccontrolprobe", "negativeprobe", "systemcontrol", "barcode", "methylation", "metabolite", "image"}
)
NO_GENE = re.compile(
    r"(?i)(.+[_. -]total[_-]?seq[_-]?[abcd]?(-\d+)?|(adt|hto|anti|hashtag)\d*[_. :-].+"
    r"|ercc-\d+|__(no_feature|ambiguous|too_low_aqual|not_aligned|alignment_not_unique)"
    r"|n_(unmapped|multimapping|nofeature|ambiguous)"
    r"|.+[_. -](adt|hto|prot|protein|antibody)(-\d+)?|(grch\d+_+)?(chr[\w.]+|[a-z]{2}\d+\.\d+)[:_-]\d+[_-]\d+)"
)


def kind_of(word: object) -> Kind | None:
    """What a type, or the name of a modality, says."""
    plain = re.sub(r"[\W_]+", "", str(word).casefold())
    if plain in EXPRESSION:
        return Kind.EXPRESSION
    return Kind.OTHER if plain in OTHER else None


def gene_columns(var: pd.DataFrame, what: str) -> NDArray[np.bool_]:
    """Which rows of ``var`` are genes, [n_columns]; ``what`` says in messages whose they are.

    Raises RequestError if none is, or if some have no type.
    """
    kept = np.array([NO_GENE.fullmatch(str(name)) is None for name in var.index], dtype=bool)
    for column in TYPE_COLUMNS:
        if column in var:
            kept &= _by_type(var[column], f"column {column} of {what}")
    if len(kept) and not kept.any():
        types = Counter(str(value) for column in TYPE_COLUMNS if column in var for value in var[column])
        named = ", ".join(f"{name} ({number:,})" for name, number in types.most_common(SHOWN))
        raise RequestError(f"{what} names no gene: its columns are {named or ', '.join(map(str, var.index[:SHOWN]))}")
    return kept


def _by_type(values: pd.Series, what: str) -> NDArray[np.bool_]:
    missing = np.array([pd.isna(value) or not str(value).strip() for value in values], dtype=bool)
    kinds = {value: kind_of(value) for value in set(values[~missing])}
    if not any(kinds.values()):
        return np.ones(len(values), dtype=bool)
    if missing.any():
        raise RequestError(
            f"{what} has no type for {missing.sum():,} of {len(values):,} features, which may be antibodies or genes: "
            "fill it in (Gene Expression for genes)"
        )
    wanted = {Kind.EXPRESSION} if Kind.EXPRESSION in kinds.values() else {None}
    return np.array([kinds[value] in wanted for value in values], dtype=bool)
