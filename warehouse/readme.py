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
    """Every worked question: on runs made here with the command that answers it, on atlases with its file."""
    paths = sorted((ROOT / EXAMPLES).glob("*.sql"))
    own = [_question(path) for path in paths if "_atlas_" not in path.stem]
    of_atlas = [f"* {_title(path)} `{path.name}`" for path in paths if "_atlas_" in path.stem]
    return "\n".join([*own, f"On an imported atlas, in the same folder {EXAMPLES}:", "", *of_atlas, ""])


def _question(path: Path) -> str:
    return f"{_title(path)}\n\n```sh\nscfm sql - < {EXAMPLES / path.name}\n```\n"


def _title(path: Path) -> str:
    return path.read_text().splitlines()[0].removeprefix("-- ").removeprefix("Published atlas: ")


if __name__ == "__main__":
    README.write_text(fill(README.read_text()))
