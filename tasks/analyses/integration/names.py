"""The metrics by name, in the order of the tables; nothing heavy is imported here."""

TRANSFER = ("accuracy", "macro_f1")
BIOLOGY = ("isolated_labels", "leiden_nmi", "leiden_ari", "silhouette_label", "clisi")
MIXING = ("bras", "ilisi", "kbet", "graph_connectivity", "pcr")
TOTALS = ("biology", "batch_correction", "total")
METRICS = (*TRANSFER, *BIOLOGY, *MIXING, *TOTALS)
BIOLOGY_WEIGHT = 0.6  # of the total, the rest for the correction of batches (Luecken et al. 2022)
