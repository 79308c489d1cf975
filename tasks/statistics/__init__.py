"""The tests of hypotheses that every analysis takes from here. One module a method; all but two need no torch.

Nulls
  matching        draws of items matched on covariates, by bin or nearest neighbour, with a report of the balance
  within          values exchanged between items of one group
  labels          labels permuted within strata or over whole units
  unit_flips      sign flips of the effects of whole units; paired and stratified effects
  rewiring        networks in which every node keeps its degrees
  null_draws      what came of the draws: p, p of the maximum, moments, rows of table null_draw
Intervals
  bootstrap       percentile and BCa intervals over whole units
  fieller         ratios of means, and means, over few units
  proportion      Wilson's interval of a share
Tests
  rank_sums       Mann-Whitney tests of features against groups of cells, on sparse values
  van_elteren     the same within strata
  partial_rank    Spearman's correlation given covariates
  mantel_haenszel one odds ratio of several tables
  wallenius       overlap of gene lists where some genes are listed more easily
  vuong           two models that do not contain each other
Families
  fdr, families   Benjamini-Hochberg, and which hypotheses were tested together
Edges of circuits, on torch
  moments         effect sizes of a source on its targets
  flips, permutation   sign flips of cells for millions of targets; ``signs`` holds the vectors
"""

from tasks.statistics.fdr import benjamini_hochberg

__all__ = ["benjamini_hochberg"]
