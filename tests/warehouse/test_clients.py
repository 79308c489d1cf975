"""Every way to the snapshot gives the same answers."""

import io
import json
import subprocess
import sys

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from warehouse import format_table, open_snapshot, run_user_sql, snapshot_path
from warehouse.contracts.contract import contracts
from warehouse.ddl import comment_text

QUESTIONS = [
    "SELECT sae_id, feature, frequency, label FROM feature ORDER BY sae_id, feature",
    "SELECT * FROM layer_summary ORDER BY layer",
    "SELECT source_feature, target_feature, g, q FROM edge WHERE criterion = 'published' ORDER BY ALL",
    "FROM features_with_gene('LYZ')",
]
PLAIN = "import duckdb, json, sys; con = duckdb.connect(sys.argv[1], read_only=True); "
PLAIN += "print(json.dumps(con.sql(sys.argv[2]).fetchall()))"


@pytest.mark.parametrize("sql", QUESTIONS)
def test_all_clients_agree(published, sql):
    with open_snapshot(published) as con:
        rows = con.execute(sql).fetchall()
        frames = {
            "polars": con.execute(sql).pl().rows(),
            "pandas": pl.from_pandas(con.execute(sql).df()).rows(),
            "Arrow": [tuple(row.values()) for row in con.execute(sql).to_arrow_table().to_pylist()],
        }
    user = run_user_sql(published, sql)
    frames["user SQL"] = [tuple(row.values()) for row in user.to_pylist()]
    parquet = pq.read_table(io.BytesIO(format_table(user, "parquet")))
    frames["Parquet"] = [tuple(row.values()) for row in parquet.to_pylist()]
    frames["CSV"] = pl.read_csv(format_table(user, "csv"), schema=pl.DataFrame(user).schema).rows()
    words = [sys.executable, "-I", "-c", PLAIN, str(snapshot_path(published)), sql]
    plain = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    frames["plain duckdb"] = [tuple(row) for row in plain]
    assert len(rows) > 0
    for client, found in frames.items():
        assert [_rounded(row) for row in found] == [_rounded(row) for row in rows], client


def _rounded(row):
    """Numbers to six digits: CSV writes the shortest text of a float32."""
    return [f"{value:.6g}" if isinstance(value, float) else None if value == "" else value for value in row]


def test_every_client_sees_what_columns_mean(published):
    text = "SELECT comment FROM duckdb_columns() WHERE schema_name = 'main' AND table_name = 'feature' "
    text += "AND column_name = 'frequency'"
    with duckdb.connect(str(snapshot_path(published)), read_only=True) as con:
        assert con.sql(text).fetchall() == [(comment_text(contracts()["feature"].column("frequency")),)]
