"""Other autoencoders of the same activations, trained together, beside the one that a study goes on with."""
