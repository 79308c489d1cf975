"""Hold what the circuits predict about pairs of genes against what is known, beside a null."""
