"""Text from files as an adversary would write it: Markdown, LaTeX, HTML, pictures and links to elsewhere."""

import shutil
from pathlib import Path

import duckdb

from warehouse import snapshot_path
from warehouse.contracts.contract import contracts

ELSEWHERE = "http://elsewhere.invalid"
MARK = (
    f'![p]({ELSEWHERE}/p.png) [l]({ELSEWHERE}) <a href="{ELSEWHERE}">a</a> <img src="{ELSEWHERE}/i.png"> '
    "$x^2$ *s* :red[r]"
)
# What queries and panels compare with words of their own. Ids and hashes are made here and never come from a file.
OURS = {
    *("run_id", "step_key", "token_sha", "weights_sha", "sha256", "study_sha", "study_json", "versions"),
    *("library", "statistic", "step", "tables", "table_name", "check_name", "analysis", "sae_id", "model_id"),
    "code_version",
}


def hostile_copy(published: Path, home: Path) -> Path:
    """A copy of a published home in which every text that may come from a file ends in MARK."""
    snapshot_path(home).parent.mkdir(parents=True)
    shutil.copyfile(snapshot_path(published), snapshot_path(home))
    with duckdb.connect(str(snapshot_path(home))) as con:
        for table, contract in contracts().items():
            texts = [column.name for column in contract.columns if column.type == "VARCHAR" and column.allowed is None]
            kept = [name for name in texts if name not in OURS and not name.endswith("_sae")]
            if kept:
                changes = ", ".join(f"{name} = {name} || $mark" for name in kept)
                con.execute(f'UPDATE stored."{table}" SET {changes}', {"mark": f" {MARK}"})
    return home
