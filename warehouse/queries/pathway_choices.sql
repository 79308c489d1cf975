-- Which gene sets label a feature, and how many features each?
-- Columns: library, term, n_features
SELECT library, term, count(*) AS n_features
FROM annotation
WHERE run_id = $run_id AND significant
GROUP BY library, term
ORDER BY n_features DESC, library, term
