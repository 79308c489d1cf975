"""The page of all figures: one file with everything in it, in which every text is text."""

import re
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from dashboards.figures.figure import Figure
from dashboards.figures.papers import PAPERS, Paper
from dashboards.panels.overview import STAND_IN

STYLE = """
body { font: 15px/1.5 sans-serif; max-width: 860px; margin: 2em auto; padding: 0 1em; color: #222; background: #fff }
h2 { margin-top: 2.5em; border-bottom: 1px solid #ccc }
svg { width: 100%; height: auto }
table { border-collapse: collapse } td, th { text-align: left; vertical-align: top; padding: .3em .8em .3em 0 }
pre { overflow-x: auto; background: #f4f4f4; padding: .8em; font-size: 12px }
.banner { background: #fff3cd; padding: .8em } .beside { color: #555 }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class Entry(NamedTuple):
    """A figure of the run: its SVG and the queries behind it, or why there is none."""

    figure: Figure
    svg: str | None
    queries: tuple[str, ...]
    reason: str


def page(run_id: str, entries: Sequence[Entry], stand_ins: Sequence[str]) -> str:
    """The whole page; ``stand_ins``: names of models of the run that are small stand-ins."""
    banners = "".join(f'<p class="banner">{escape(_banner(name))}</p>\n' for name in stand_ins)
    papers = "".join(_paper(paper, [one for one in entries if one.figure.paper == paper.key]) for paper in PAPERS)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f"<title>Figures of {escape(run_id)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>Figures of run {escape(run_id)}</h1>\n{banners}"
        "<p>Every figure of four papers that the tables of this run can draw, with the published value beside it. "
        "Published values are of other models, cells and rules: they are no target for this run.</p>\n"
        f"{papers}{_lacking([one for one in entries if one.svg is None])}</body>\n</html>\n"
    )


def _banner(name: str) -> str:
    return STAND_IN.format(name=name).replace("**", "")


def _paper(paper: Paper, entries: Sequence[Entry]) -> str:
    told = "".join(_figure(one) for one in entries if one.svg is not None)
    return f"<h2>{escape(paper.title)} ({escape(paper.repository)})</h2>\n{told or '<p>None can be drawn.</p>'}\n"


def _figure(entry: Entry) -> str:
    figure = entry.figure
    queries = "".join(f"<pre>{escape(text)}</pre>" for text in entry.queries)
    return (
        f'<section id="{escape(figure.name)}">\n<h3>{escape(figure.number)} · {escape(figure.title)}</h3>\n'
        f"{inline(entry.svg or '', figure)}\n"
        f'<p class="beside"><b>Published:</b> {escape(figure.published)}</p>\n'
        f'<p class="beside"><b>Mind:</b> {escape(figure.caveat)}</p>\n'
        f"<details><summary>The SQL behind it</summary>{queries}</details>\n</section>\n"
    )


def inline(svg: str, figure: Figure) -> str:
    """An SVG for a page that holds others: without its prologue, with names that no other one has."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r'\bid="', f'id="{figure.name}-', body)
    body = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{figure.name}-", body)
    label = escape(f"{figure.number}: {figure.title}", quote=True)
    return body.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)


def _lacking(entries: Sequence[Entry]) -> str:
    """A table of the figures that could not be drawn, with what to ask for."""
    if not entries:
        return ""
    repositories = {paper.key: paper.repository for paper in PAPERS}
    rows = "".join(
        f"<tr><td>{escape(repositories[one.figure.paper])}</td><td>{escape(one.figure.number)}</td>"
        f"<td>{escape(one.figure.title)}</td><td>{escape(one.reason)}</td></tr>\n"
        for one in entries
    )
    head = "<tr><th>paper</th><th>figure</th><th>shows</th><th>why it is not here</th></tr>\n"
    return f"<h2>Figures that this run cannot draw</h2>\n<table>\n{head}{rows}</table>\n"
