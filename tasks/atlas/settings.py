"""What decides the content of an import besides the files."""

VERSION = 2  # of the numerical code: a new number gives every import a new key
