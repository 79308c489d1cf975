-- How long did each step take, and how much did it write?
-- Columns: step, n_folders, n_units, n_shards, n_rows, n_bytes, seconds
WITH units AS (
    SELECT
        step,
        step_key,
        unit,
        max(seconds) AS seconds,
        min(committed) AS committed,
        count(*) AS n_shards,
        sum(n_rows) AS n_rows,
        sum(n_bytes) AS n_bytes
    FROM work_unit
    WHERE run_id = $run_id
    GROUP BY ALL
)
SELECT
    step,
    count(DISTINCT step_key) AS n_folders,
    count(*) AS n_units,
    sum(n_shards)::BIGINT AS n_shards,
    coalesce(sum(n_rows), 0)::BIGINT AS n_rows,
    sum(n_bytes)::BIGINT AS n_bytes,
    sum(seconds) AS seconds
FROM units
GROUP BY step
ORDER BY min(committed), step
