-- In which cells are a feature's firings kept gene by gene, and what is known of these cells?
-- Columns: cell_id, part, rank, n_active, maximum, mean, n_firings, barcode, label, n_tokens, about
WITH strip AS (
    SELECT *
    FROM feature_cell
    WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER AND part IS NOT NULL
),
said AS (
    SELECT cell_id, string_agg(key || ' ' || value, ', ' ORDER BY key) AS about
    FROM cell_obs
    JOIN cell USING (run_id, cell_id)
    WHERE run_id = $run_id AND kind = 'category' AND value IS DISTINCT FROM label
        AND cell_id IN (SELECT cell_id FROM strip)
    GROUP BY cell_id
)
SELECT
    cell_id, part, rank, n_cells_active AS n_active, maximum, mean, n_firings, barcode, cell.label, n_tokens, about
FROM strip
JOIN feature USING (run_id, sae_id, feature)
JOIN cell USING (run_id, cell_id)
LEFT JOIN said USING (cell_id)
ORDER BY rank
