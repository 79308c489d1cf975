"""Kept codes: every position of a layer encoded once, for all that asks where its features fire."""
