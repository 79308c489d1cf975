"""How each step is done: one package a step, paths and settings in, paths out."""
