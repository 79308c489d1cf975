"""``scfm try``: an answer for a feature of a run, the same from the dashboard's worker, and refusals of one line."""

import json

import pytest

from dashboards.trial import Asked, TrialRefused, try_in_model
from flows.cli.main import main
from warehouse import open_snapshot


@pytest.fixture
def ask(mini_home, monkeypatch, capfd):
    """The command as a function of its words: exit status, output, errors."""
    monkeypatch.setenv("SCFM_HOME", str(mini_home))

    def run(*words: str) -> tuple[int, str, str]:
        status = main(["try", *words])
        return status, *capfd.readouterr()

    return run


@pytest.fixture(scope="module")
def feature(mini_home):
    """The most frequent feature of layer 1, and a run."""
    with open_snapshot(mini_home) as con:
        rows = con.sql(
            "SELECT run_id, feature FROM feature JOIN sae USING (run_id, sae_id) WHERE sae.layer = 1 AND sae.described "
            "ORDER BY frequency DESC LIMIT 1"
        ).fetchall()
    return rows[0][0], f"L1_F{rows[0][1]}"


def test_worker_and_command_say_the_same(ask, feature):
    run_id, name = feature
    status, out, err = ask(name, "--multiplier", "2", "--format", "json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert (found["feature"], found["multiplier"], found["run_id"]) == (name, 2, run_id)
    assert found["genes"]
    assert found["features"]
    assert all(one["symbol"] for one in found["genes"])
    assert try_in_model(Asked(run_id, name, 2.0, None)) == found
    text = ask(name, "--multiplier", "2", "--cell", str(found["cell_id"]))[1]
    assert f"{name} times 2 in cell {found['cell_id']}" in text
    assert "random directions of its size" in text


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["L1_F99999"], "has no feature L1_F99999; names are like L0_F0"),
        (["FEATURE", "--multiplier", "1"], "a multiplier of 1 changes nothing"),
        (["FEATURE", "--multiplier", "nan"], "a multiplier of nan is no finite number: 0 takes the feature out"),
        (["FEATURE", "--multiplier=-inf"], "a multiplier of -inf is no finite number"),
        (["FEATURE", "--multiplier", "1e30"], "times 1e+30, the model gives no finite numbers"),
        (["FEATURE", "--seed", "-1"], "a seed of -1 is below 0"),
        (["FEATURE", "--cell", "999999"], "did not use a cell 999999"),
        (["FEATURE", "--run", "nobody"], "run nobody is not published"),
    ],
)
def test_a_wrong_request_is_one_line(ask, feature, words, line):
    status, out, err = ask(*(feature[1] if word == "FEATURE" else word for word in words))
    assert (status, out) == (2, "")
    assert line in err
    assert err.count("\n") == 1


def test_the_worker_is_stopped_when_its_time_is_up_and_refuses_in_one_line(mini_home, monkeypatch, feature):
    monkeypatch.setenv("SCFM_HOME", str(mini_home))
    with pytest.raises(TrialRefused, match=r"stopped after 0.05 s"):
        try_in_model(Asked(*feature, 0.0, None), timeout_s=0.05)
    with pytest.raises(TrialRefused, match="names are like"):
        try_in_model(Asked(feature[0], "nothing", 0.0, None))
