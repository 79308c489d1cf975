-- Where do the cells lie, and how strongly does a feature fire in those of which that is kept?
-- Columns: cell_id, barcode, label, x, y, mean
WITH fires AS (
    SELECT cell_id, mean
    FROM feature_cell
    WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
)
SELECT cell_id, barcode, label, x, y, mean
FROM cell_map
JOIN cell USING (run_id, cell_id)
LEFT JOIN fires USING (cell_id)
WHERE run_id = $run_id
ORDER BY mean NULLS FIRST, cell_id
