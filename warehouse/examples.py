"""The worked questions: ``queries/examples/<name>.sql``, each with its question as the comment on its first line."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "queries" / "examples"
OF_ATLAS = "_atlas_"  # in the names of those about imported runs


@dataclass(frozen=True)
class Example:
    """A worked question: ``name`` is that of its file, ``of_atlas`` whether it is about imported runs."""

    name: str
    question: str
    sql: str
    of_atlas: bool

    @property
    def title(self) -> str:
        """The question, where it is clear whether runs or atlases are meant."""
        short = self.question.removeprefix("Published atlas: ")
        return short[0].upper() + short[1:]


def examples() -> list[Example]:
    """All worked questions, in the order of their files."""
    found = [(path.stem, path.read_text()) for path in sorted(FOLDER.glob("*.sql"))]
    return [Example(name, text.splitlines()[0].removeprefix("-- "), text, OF_ATLAS in name) for name, text in found]
