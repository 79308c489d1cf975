"""The table of the audit's questions in the documents, which ``python -m flows.documents`` writes."""

from itertools import groupby

from warehouse.claims.item import LEVELS, RULES, Item, items


def claim_table() -> str:
    """One section per kind and one row per question, as Markdown; then rules and levels in words."""
    kinds = [_kind(kind, list(asked)) for kind, asked in groupby(items(), key=lambda item: item.kind)]
    rules = "; ".join(f"{name} {meaning}" for name, meaning in RULES.items())
    levels = "; ".join(f'{name} ("{words}")' for name, words in LEVELS.items())
    return "\n".join([*kinds, f"Rules: {rules}.", "", f"Levels: {levels}.", ""])


def _kind(kind: str, asked: list[Item]) -> str:
    rows = "".join(map(_row, asked))
    return f"**{kind}**\n\n| question | name | rule | level | needs |\n|---|---|---|---|---|\n{rows}"


def _row(item: Item) -> str:
    needs = ", ".join(f"`{name}`" for name in item.needs)
    return f"| {item.question} | `{item.name}` | {item.rule} | {item.level} | {needs} |\n"
