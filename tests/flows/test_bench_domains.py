"""``scfm bench domains`` in small."""

from tests.flows.test_bench_edges import figures


def test_counts_by_domain_are_those_of_a_loop(tmp_path, capsys):
    measured = figures("domains", tmp_path)
    assert measured["counts_agree"]
    assert measured["edges"] == 5000
    assert 0 < measured["tests"] <= 30 * 30
    assert "30 domains" in capsys.readouterr().out
