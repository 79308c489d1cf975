"""Sparse autoencoders: variants, training, metrics on held-out cells, the SAELens layout on disk."""

from tasks.sae.codes import SparseCodes
from tasks.sae.frequency import load_frequencies
from tasks.sae.io import load_sae, save_sae
from tasks.sae.topk import TopKSae

__all__ = ["SparseCodes", "TopKSae", "load_frequencies", "load_sae", "save_sae"]
