"""The causal engine: what happens downstream when features of a layer are changed."""
