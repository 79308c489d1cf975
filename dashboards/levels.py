"""Levels of claim in words."""

from dashboards.text import markdown
from warehouse.claims.item import LEVELS


def level_words(level: str) -> str:
    """A level with the words that it allows; escaped Markdown."""
    return f"{markdown(level)} (“{markdown(LEVELS[level])}”)" if level in LEVELS else markdown(level)
