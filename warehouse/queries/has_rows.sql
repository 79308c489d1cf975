-- Has a run rows in a table?
-- Columns: found
SELECT EXISTS (SELECT 1 FROM query_table($relation) WHERE run_id = $run_id) AS found
