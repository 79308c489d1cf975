"""Text from files is shown as it is: as Markdown, and as the little HTML that Plotly reads, it is escaped first.

Numbers of things stand beside the singular or plural of their noun.
"""

import re

PUNCTUATION = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|$~^&=:\"'])")
EMOJI = re.compile(r":(?=[\w/+-]+:)")  # :name: is a picture to Streamlit, even where its colons are escaped
BARE = re.compile(
    r"(?<=http:)(?=//)|(?<=https:)(?=//)|(?<=www)(?=[.])|(?<=@)", re.IGNORECASE
)  # made links, escaped or not
NO_BREAK = "\u2060"  # invisible and of no width
HTML = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))


def markdown(text: object) -> str:
    """``text`` for Streamlit's Markdown, where every character stands for itself; line ends become spaces."""
    parted = EMOJI.sub(f":{NO_BREAK}", " ".join(str(text).split()))
    parted = BARE.sub(NO_BREAK, parted)
    return PUNCTUATION.sub(r"\\\1", parted)


def hover(text: object) -> str:
    """``text`` for a figure, where ``<b>`` is three characters and no bold type."""
    escaped = str(text)
    for character, entity in HTML:
        escaped = escaped.replace(character, entity)
    return escaped


def counted(n: int, noun: str, *, bold: bool = False) -> str:
    """A number of things, as in 1 feature, 2 features; ``bold``: the number, in Markdown."""
    return f"{f'**{n:,}**' if bold else f'{n:,}'} {noun}{'' if n == 1 else 's'}"
