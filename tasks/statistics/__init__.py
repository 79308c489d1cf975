"""Statistics that more than one step needs."""

from tasks.statistics.fdr import benjamini_hochberg

__all__ = ["benjamini_hochberg"]
