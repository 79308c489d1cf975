-- What was put in the place of a source's activations, and at which positions were effects read?
-- Columns: ablation, multiplier, positions
SELECT DISTINCT ablation, multiplier, positions
FROM criterion
WHERE run_id = $run_id
    AND ablation IS NOT NULL
ORDER BY ALL
