-- Does a feature fire where its genes are expressed more than elsewhere?
-- Columns: difference, n_genes, n_genes_up, within_cells, low, high, n_cells, q
SELECT difference, n_genes, n_genes_up, within_cells, low, high, n_cells, q
FROM feature_expression
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
