-- Which runs are published? Newest first.
-- Columns: run_id, study, title, device, precision, seed, imported, started, finished, seconds
SELECT run_id, study, title, device, precision, seed, imported, started, finished, seconds
FROM run
ORDER BY finished DESC, run_id
