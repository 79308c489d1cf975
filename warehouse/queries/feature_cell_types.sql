-- In which cell types is a feature more active than in all other cells?
-- Columns: cell_type, auroc, log2_fold, n_cells, n_active, q, significant
SELECT cell_type, auroc, log2_fold, n_cells, n_active, q, significant
FROM feature_cell_type
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
ORDER BY auroc DESC, cell_type
