-- Which shards make up a run? NULL takes every step.
-- Columns: step, unit, path, table_name, n_rows, n_bytes, seconds, committed, sha256
SELECT step, unit, path, table_name, n_rows, n_bytes, seconds, committed, sha256
FROM work_unit
WHERE run_id = $run_id AND ($step IS NULL OR step = $step)
ORDER BY committed, step, unit, path
LIMIT $n_rows
