"""The generated parts of the README: the example questions and the data dictionary.

``python -m warehouse.readme`` writes them anew between their markers.
"""

import re
from pathlib import Path

from warehouse.dictionary import data_dictionary

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
EXAMPLES = Path("warehouse/queries/examples")


def fill(text: str) -> str:
    """``text`` with the parts between ``<!-- name -->`` and ``<!-- /name -->`` generated anew."""
    for name, part in (("questions", questions()), ("dictionary", data_dictionary())):
        marked = re.compile(rf"(<!-- {name} -->\n).*(<!-- /{name} -->)", re.DOTALL)
        text = marked.sub(rf"\g<1>{part.replace(chr(92), chr(92) * 2)}\n\g<2>", text)
    return text


def questions() -> str:
    """Every example query as a question and the command that answers it."""
    return "\n".join(_question(path) for path in sorted((ROOT / EXAMPLES).glob("*.sql")))


def _question(path: Path) -> str:
    title = path.read_text().splitlines()[0].removeprefix("-- ")
    return f"{title}\n\n```sh\nscfm sql - < {EXAMPLES / path.name}\n```\n"


if __name__ == "__main__":
    README.write_text(fill(README.read_text()))
