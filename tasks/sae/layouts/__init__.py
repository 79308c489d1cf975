"""Trained autoencoders on disk: one file a layout, all read into the one form of ``Sae``, one of them written."""
