"""Families of models, one file a family; what belongs to one family alone begins with its name.

``blockwise`` and ``post_norm`` are what several share. A new family is an ``Adapter`` here and a layout of its files in
``tasks.vocabulary.layouts``.
"""
