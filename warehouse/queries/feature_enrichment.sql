-- Which cell types and tissues are over-represented where a feature is most active, as published?
-- Columns: kind, name, q, odds_ratio, odds_ratio_infinite, n_top_cells
SELECT 'cell type' AS kind, cell_type AS name, q, odds_ratio, odds_ratio_infinite, n_top_cells
FROM feature_cell_type
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature AND odds_ratio_infinite IS NOT NULL
UNION ALL
SELECT 'tissue', tissue, q, odds_ratio, odds_ratio_infinite, NULL
FROM feature_tissue
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature
ORDER BY kind, q, name
