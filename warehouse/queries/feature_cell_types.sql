-- In which cell types is a feature more active than in other cells of the same length, and which are called?
-- Columns: cell_type, auroc, auroc_low, auroc_high, auroc_all, log2_fold, n_cells, n_active, q, called
SELECT cell_type, auroc, auroc_low, auroc_high, auroc_all, log2_fold, n_cells, n_active, q,
    coalesce(called, significant) AS called
FROM feature_cell_type
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
ORDER BY auroc DESC NULLS LAST, cell_type
