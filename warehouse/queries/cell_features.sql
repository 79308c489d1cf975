-- Which features count one cell among those in which they fire most, the first ones of each layer?
-- Columns: sae_id, layer, feature, name, rank, n_active, maximum, mean, n_firings, top_genes, top_cell_type, whole
WITH listed AS (
    SELECT run_id, sae_id, feature, rank, part, maximum, mean, n_firings
    FROM feature_cell
    WHERE run_id = $run_id AND cell_id = $cell::UINTEGER AND coalesce(part, 'top') = 'top'
    QUALIFY row_number() OVER (PARTITION BY sae_id ORDER BY rank, feature) <= $n_rows
)
SELECT
    sae_id, layer, feature, coalesce(name, label) AS name, rank, n_cells_active AS n_active, maximum, mean, n_firings,
    top_genes, top_cell_type, part IS NOT NULL AS whole
FROM listed
JOIN feature USING (run_id, sae_id, feature)
ORDER BY layer, sae_id, rank, feature
