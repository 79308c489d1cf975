"""Causal tracing: ablate every living feature of a layer, measure what changes in later layers, test it, call edges."""
