"""``scfm bench responses`` in small."""

from tests.flows.test_bench_edges import figures


def test_sums_of_a_pass_are_those_of_whole_perturbations(tmp_path, capsys):
    measured = figures("responses", tmp_path)
    assert measured["sums_agree"]
    assert measured["perturbations"] == 20
    assert 0.02 < measured["below_005"] < 0.09
    assert "20 perturbations" in capsys.readouterr().out
