-- Which analyses are there, which of them were made in a run, and what makes the others?
-- Columns: step, title, tables, made, how
SELECT step, title, tables, made, how
FROM run_analysis
WHERE run_id = $run_id
ORDER BY step
