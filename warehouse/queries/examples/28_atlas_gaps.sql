-- Published atlas: which files were missing, and what does that lose?
WITH newest AS (
    SELECT run_id FROM run WHERE imported ORDER BY finished DESC LIMIT 1
)
SELECT file, reason, lost, survives, n_rows_lost
FROM import_gap
JOIN newest USING (run_id)
ORDER BY file
