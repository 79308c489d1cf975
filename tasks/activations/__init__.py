"""Run a model over cells once and keep the states of its layers."""
