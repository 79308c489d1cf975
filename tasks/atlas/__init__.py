"""A published atlas of features as its JSON files, read into the tables that our own runs fill."""
