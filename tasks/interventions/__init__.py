"""Changing features of one layer in single cells, and reading what the model then says of its genes and of the cell."""
