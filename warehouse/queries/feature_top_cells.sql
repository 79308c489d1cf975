-- In which cells is a feature most active, as published?
-- Columns: rank, cell_type, tissue, activation
SELECT rank, cell_type, tissue, activation
FROM feature_top_cell
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature
ORDER BY rank
