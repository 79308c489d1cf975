"""The worked questions in the documents, which ``python -m flows.documents`` writes."""

from pathlib import Path

from warehouse.examples import FOLDER, Example, examples

_FOLDER = FOLDER.relative_to(Path(__file__).parents[1])  # as seen by a command
_LINK = FOLDER.relative_to(Path(__file__).parent)  # as seen by warehouse/README.md


def questions() -> str:
    """Every worked question: on runs made here with the command that answers it, on atlases with its file."""
    own = [_question(example) for example in examples() if not example.of_atlas]
    of_atlas = [_listed(example) for example in examples() if example.of_atlas]
    return "\n".join([*own, f"On an imported atlas, in [{_FOLDER}]({_LINK}):", "", *of_atlas, ""])


def _question(example: Example) -> str:
    return f"{example.question}\n\n```sh\nscfm sql - < {_FOLDER / example.name}.sql\n```\n"


def _listed(example: Example) -> str:
    return f"* {example.title} `{example.name}.sql`"
