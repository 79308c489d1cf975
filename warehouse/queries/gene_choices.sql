-- Which genes do features list among their first, and how many features each?
-- Columns: symbol, n_features
SELECT symbol, count(*) AS n_features
FROM feature_gene
WHERE run_id = $run_id AND coalesce(shown, true)
GROUP BY symbol
ORDER BY n_features DESC, symbol
