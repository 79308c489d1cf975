"""Text for a terminal."""


def printable(text: str) -> str:
    r"""``text`` without what a terminal obeys: what moves the cursor, colours or reorders is written as ``\x1b``."""
    return "".join(one if one.isprintable() or one == "\n" else one.encode("unicode_escape").decode() for one in text)
