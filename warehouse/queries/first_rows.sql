-- What are the first rows of a run in a table, by the columns from left to right?
-- Columns: those of the table
SELECT * EXCLUDE (run_id)
FROM query_table($relation)
WHERE run_id = $run_id
ORDER BY ALL
LIMIT $n_rows
