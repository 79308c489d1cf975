-- Where is a feature most active: in which cells, and on which of their genes?
-- Columns: rank, cell_id, barcode, cell_type, tissue, position, n_tokens, symbol, activation
SELECT rank, cell_id, barcode, cell_type, tissue, position, n_tokens, symbol, activation
FROM feature_top_cell
LEFT JOIN cell USING (run_id, cell_id)
LEFT JOIN gene USING (run_id, gene_id)
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature
ORDER BY rank
