-- What did the ablation do to the target in every cell where the source is active, zeros included?
-- Columns: cell_id, barcode, label, effect, n_positions, activation_max
WITH active AS (
    SELECT cell_id, n_positions, activation_max
    FROM trace_pair
    WHERE run_id = $run_id AND source_sae = $source_sae AND source_feature = $source_feature::UINTEGER
),
listed AS (
    SELECT cell_id, unnest(targets) AS target_feature, unnest(deltas) AS delta
    FROM effect_cell
    WHERE run_id = $run_id
        AND effect = $effect
        AND source_sae = $source_sae
        AND source_feature = $source_feature::UINTEGER
        AND target_sae = $target_sae
),
changed AS (
    SELECT cell_id, delta
    FROM listed
    WHERE target_feature = $target_feature::UINTEGER
)
SELECT
    cell_id,
    cell.barcode,
    coalesce(cell.label, 'no label') AS label,
    coalesce(changed.delta, 0) AS effect,
    active.n_positions,
    active.activation_max
FROM active
LEFT JOIN changed USING (cell_id)
LEFT JOIN cell ON cell.run_id = $run_id AND cell.cell_id = active.cell_id
ORDER BY label, active.cell_id
