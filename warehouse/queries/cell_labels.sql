-- How many cells of each type were used, for training and held out?
-- Columns: label, split, n_cells, mean_tokens
SELECT coalesce(label, 'no label') AS label, split, count(*) AS n_cells, avg(n_tokens) AS mean_tokens
FROM cell
WHERE run_id = $run_id AND chosen
GROUP BY ALL
ORDER BY label, split
