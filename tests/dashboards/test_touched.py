"""What readers press or fill tells the address that it was used: a rule that the source is held against."""

import ast
from pathlib import Path

from tests.shared import ROOT


def test_every_box_and_button_tells_that_it_was_used_or_starts_nothing() -> None:
    """What readers can press or fill has a callback; a download with on_click="ignore" does not run the page again."""
    callbacks = {
        "on_click": {"button", "download_button", "form_submit_button"},
        "on_change": {
            "checkbox", "file_uploader", "multiselect", "number_input", "radio", "selectbox", "text_input", "toggle",
        },
    }  # fmt: skip
    seen = 0
    for path in sorted((ROOT / "dashboards").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            for callback, widgets in callbacks.items():
                if node.func.attr in widgets and not in_form(path, node):
                    seen += 1
                    assert callback in {keyword.arg for keyword in node.keywords}, f"{path}:{node.lineno}"
    assert seen > 20


def in_form(path: Path, node: ast.Call) -> bool:
    """Whether the box belongs to a form, whose button alone starts a run."""
    forms = [one for one in ast.walk(ast.parse(path.read_text())) if isinstance(one, ast.With)]
    named = [one for one in forms if ".form(" in ast.unparse(one.items[0])]
    inside = any(one.lineno <= node.lineno <= (one.end_lineno or 0) for one in named)
    return inside and node.func.attr != "form_submit_button"  # type: ignore[attr-defined]
