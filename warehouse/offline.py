"""Great Expectations' pages as files that need nothing from elsewhere.

As it makes them, every page asks ten servers for styles, scripts and a logo: it looks like nothing without a network,
and tells third parties that someone is at work.
"""

import html
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Suite(NamedTuple):
    """What the first page says of a suite."""

    name: str  # <run_id>-<table>
    n_failed: int
    n_asked: int
    page: str  # of what it found, below validations/, without its ending


STYLE = Path(__file__).with_name("docs.css")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
ELSEWHERE = re.compile(
    r"""<script\b.*?</script>     # they only work together with those from elsewhere
      | <style\b.*?</style>
      | <link\b[^>]*>
      | <footer\b.*?</footer>     # an invitation to a newsletter
      | <meta\b[^>]*http-equiv[^>]*>""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
LOGO = re.compile(r"<img\b[^>]*\balt=\"Great Expectations\"[^>]*>", re.DOTALL)


def make_offline(folder: Path) -> None:
    """Give every page in ``folder`` a style of its own and let a browser load nothing for it."""
    style = STYLE.read_text()
    for page in folder.rglob("*.html"):
        page.write_text(offline(page.read_text(), style))


def offline(page: str, style: str) -> str:
    """The page without what it would load, under a policy that forbids to load anything."""
    kept = LOGO.sub("Data docs of scfm-atlas", ELSEWHERE.sub("", page))
    head = f'<head>\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n<style>\n{style}</style>'
    return kept.replace("<head>", head, 1)


def first_page(suites: Iterable[Suite]) -> str:
    """Every suite with what it found, those that failed first. GX's own list is drawn by a script from elsewhere."""
    rows = "\n".join(_row(suite) for suite in sorted(suites, key=lambda suite: (suite.n_failed == 0, suite.name)))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<title>Data docs of scfm-atlas</title>
</head>
<body>
<h2>Data docs of scfm-atlas</h2>
<p>Made by Great Expectations: one suite of checks per run and table.</p>
<table>
<thead><tr><th>Run and table</th><th>Status</th><th>Checks</th><th>Failed</th><th>Suite</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""


def _row(suite: Suite) -> str:
    name, page = html.escape(suite.name), html.escape(suite.page)
    status = "danger fa-times" if suite.n_failed else "success fa-check-circle"
    cells = (
        f'<a href="validations/{page}.html">{name}</a>',
        f'<span class="text-{status}">{"failed" if suite.n_failed else ""}</span>',
        f"{suite.n_asked}",
        f"{suite.n_failed}",
        f'<a href="expectations/{name}.html">what is asked</a>',
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
