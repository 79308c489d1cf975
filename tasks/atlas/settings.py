"""What decides the content of an import besides the files."""

VERSION = 3  # of the numerical code: a new number gives every import a new key
