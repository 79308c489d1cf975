-- How many edges does each rule call?
-- Columns: criterion, n_edges
SELECT criterion, sum(degree)::BIGINT AS n_edges
FROM feature_degree
WHERE run_id = $run_id AND direction = 'out' AND effect = $effect AND ($source_sae IS NULL OR sae_id = $source_sae)
GROUP BY criterion
ORDER BY criterion
