"""Describe the features of one autoencoder: where they fire, on which genes and cells, and what those share."""
