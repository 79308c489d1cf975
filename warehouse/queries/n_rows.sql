-- How many rows has a run in a table?
-- Columns: n
SELECT count(*) AS n
FROM query_table($relation)
WHERE run_id = $run_id
