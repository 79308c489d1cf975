SELECT run_id, study, title, imported, finished
FROM run
WHERE $$run_id IS NULL OR run_id = $$run_id
ORDER BY imported, finished DESC, run_id
LIMIT 1
