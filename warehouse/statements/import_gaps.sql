SELECT file, reason, lost
FROM import_gap
WHERE run_id = $$run_id
ORDER BY file
