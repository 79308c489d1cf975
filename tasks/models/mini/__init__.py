"""geneformer-mini: a small model of Geneformer's architecture, trained on the cells at hand."""
