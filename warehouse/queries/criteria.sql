-- Which rules call edges, in words?
-- Columns: criterion, effect_min, consistency_min, q_max, nonzero_min, meaning
SELECT criterion, effect_min, consistency_min, q_max, nonzero_min, meaning
FROM criterion
WHERE run_id = $run_id
ORDER BY criterion
