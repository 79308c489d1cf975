"""The generated parts of the README: the example questions and the data dictionary.

``python -m warehouse.readme`` writes them anew between their markers.
"""

import re
from pathlib import Path

from warehouse.dictionary import data_dictionary
from warehouse.examples import FOLDER, Example, examples

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"


def fill(text: str) -> str:
    """``text`` with the parts between ``<!-- name -->`` and ``<!-- /name -->`` generated anew."""
    for name, part in (("questions", questions()), ("dictionary", data_dictionary())):
        text = replaced(text, name, part)
    return text


def replaced(text: str, name: str, part: str) -> str:
    """``text`` with ``part`` between ``<!-- name -->`` and ``<!-- /name -->``."""
    marked = re.compile(rf"(<!-- {name} -->\n).*(<!-- /{name} -->)", re.DOTALL)
    return marked.sub(lambda found: f"{found[1]}{part}\n{found[2]}", text)


def questions() -> str:
    """Every worked question: on runs made here with the command that answers it, on atlases with its file."""
    own = [_question(example) for example in examples() if not example.of_atlas]
    of_atlas = [_listed(example) for example in examples() if example.of_atlas]
    folder = FOLDER.relative_to(ROOT)
    return "\n".join([*own, f"On an imported atlas, in the same folder {folder}:", "", *of_atlas, ""])


def _question(example: Example) -> str:
    path = FOLDER.relative_to(ROOT) / f"{example.name}.sql"
    return f"{example.question}\n\n```sh\nscfm sql - < {path}\n```\n"


def _listed(example: Example) -> str:
    return f"* {example.title} `{example.name}.sql`"


if __name__ == "__main__":
    README.write_text(fill(README.read_text()))
