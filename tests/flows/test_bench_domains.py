"""``scfm bench domains`` in small."""

import json

from flows.cli.main import main


def test_counts_by_domain_are_those_of_a_loop(tmp_path, capsys):
    figures = tmp_path / "figures.json"
    small = ["--edges", "5000", "--domains", "30", "--targets", "50", "--draws", "99"]
    assert main(["bench", "domains", "--json", str(figures), *small]) == 0
    measured = json.loads(figures.read_text())
    assert measured["counts_agree"]
    assert measured["edges"] == 5000
    assert 0 < measured["tests"] <= 30 * 30
    assert "30 domains" in capsys.readouterr().out
