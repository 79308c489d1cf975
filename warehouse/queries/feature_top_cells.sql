-- Where is a feature most active: in which cells, and on which of their genes?
-- Columns: rank, barcode, cell_type, tissue, position, symbol, activation
SELECT rank, barcode, cell_type, tissue, position, symbol, activation
FROM feature_top_cell
LEFT JOIN cell USING (run_id, cell_id)
LEFT JOIN gene USING (run_id, gene_id)
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature
ORDER BY rank
