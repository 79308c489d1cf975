"""A whole study of a model with random weights: its directory, cells of counts, and the study file."""

import json
from pathlib import Path

import anndata as ad
import numpy as np
import scipy.sparse as sp

from tasks.vocabulary.vocabulary import Vocabulary
from tests.builders.models import SPECIAL, tiny_geneformer
from tests.builders.true_shape import Shape

N_CELLS, N_TYPES = 64, 4  # half of the cells are held out; 20 of these are traced
STUDY = """name = "map"
title = "Layer {source} of a model with random weights, onto the next layer"

[cells]
path = {cells}
heldout_fraction = 0.5
max_length = {n_tokens}

[model]
path = {model}
score_tokens = {n_tokens}

[activations]
layers = [{source}, {target}]

[sae]
layers = [{source}, {target}]
expansion = {expansion}
k = {k}
steps = {steps}
batch = 2048
lr = 1e-3
warmup = 20
decay = 50
splice_cells = 2

[references]
gene_sets = [{gene_sets}]
networks = [] # no network knows invented genes

[describe]
null_draws = 2

[trace]
source_layers = [{source}]
target_layers = "next"
n_cells = 20
min_frequency = 0.001
"""


def write_study(root: Path, shape: Shape, steps: int = 150) -> Path:
    """Write ``study.toml``, ``model/`` and ``cells.h5ad`` under ``root``; return the study's path."""
    genes = [f"ENSG{number:011d}" for number in range(shape.n_genes)]
    rng = np.random.default_rng(0)
    medians = dict(zip(genes, rng.lognormal(0, 0.5, len(genes)).tolist(), strict=True))
    tokens = {gene: token for token, gene in enumerate(genes, start=len(SPECIAL))}
    vocabulary = Vocabulary(tokens, medians, SPECIAL, max_length=shape.n_tokens)
    sizes = {"n_layers": shape.n_layers, "d_model": shape.d_model, "n_heads": shape.n_heads, "d_ff": shape.d_ff}
    model = tiny_geneformer(root / "model", vocabulary=vocabulary, spread=shape.d_model**-0.5, **sizes)
    text = STUDY.format(
        source=shape.source,
        target=shape.source + 1,
        cells=json.dumps(str(write_counts(root / "cells.h5ad", genes, rng, shape.n_tokens))),
        model=json.dumps(str(model)),
        gene_sets=json.dumps(str(write_gene_sets(root / "random.gmt", genes, rng))),
        n_tokens=shape.n_tokens,
        expansion=shape.n_features // shape.d_model,
        k=shape.k,
        steps=steps,
    )
    path = root / "study.toml"
    path.write_text(text)
    return path


def write_counts(path: Path, genes: list[str], rng: np.random.Generator, n_tokens: int) -> Path:
    """Raw counts of cells of a few types, each with about three times as many genes as the model reads."""
    types = rng.lognormal(0, 1.5, (N_TYPES, len(genes)))
    which = rng.integers(0, N_TYPES, N_CELLS)
    share = types[which] / types[which].sum(1, keepdims=True)
    counts = sp.csr_matrix(rng.poisson(10 * n_tokens * share).astype(np.float32))
    cells = ad.AnnData(counts, obs={"cell_type": np.array([f"type {number}" for number in which])})
    cells.obs_names, cells.var_names = [f"cell{number}" for number in range(N_CELLS)], genes
    cells.write_h5ad(path)
    return path


def write_gene_sets(path: Path, genes: list[str], rng: np.random.Generator) -> Path:
    """Twenty random sets of genes as a GMT file."""
    sets = [[f"set{number}", "random", *rng.choice(genes, 20, replace=False)] for number in range(20)]
    path.write_text("".join("\t".join(row) + "\n" for row in sets))
    return path
