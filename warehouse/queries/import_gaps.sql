-- What does an imported run lack?
-- Columns: file, reason, lost, survives, n_rows_lost
SELECT file, reason, lost, survives, n_rows_lost
FROM import_gap
WHERE run_id = $run_id
ORDER BY file
