-- Which rules call edges, in words?
-- Columns: criterion, effect_min, consistency_min, q_max, nonzero_min, meaning, controlled
SELECT criterion, effect_min, consistency_min, q_max, nonzero_min, meaning, controlled
FROM criterion
WHERE run_id = $run_id
ORDER BY criterion
