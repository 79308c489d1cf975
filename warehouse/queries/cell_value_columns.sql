-- By which columns can the cells of the input files be counted, and of how many cells are they known?
-- Columns: origin, key, kind, n_used, n_dropped
SELECT
    origin, key, any_value(kind) AS kind, count(*) FILTER (chosen) AS n_used, count(*) FILTER (NOT chosen) AS n_dropped
FROM cell_value
JOIN cell USING (run_id, cell_id)
WHERE run_id = $run_id AND coalesce(value IS NOT NULL OR isfinite(number), false)
GROUP BY origin, key
HAVING n_used > 0
ORDER BY origin DESC, min(kind = 'number'), key
