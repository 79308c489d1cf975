"""geneformer-mini and scgpt-mini: small models of the architecture of published ones, trained on the cells at hand."""
