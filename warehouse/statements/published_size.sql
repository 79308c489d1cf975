SELECT (SELECT count(*) FROM run) AS n_runs, (SELECT sum(estimated_size) FROM duckdb_tables()) AS n_rows
