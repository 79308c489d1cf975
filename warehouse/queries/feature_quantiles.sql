-- How strongly is a feature active in the cells of each type, and in all cells?
-- Columns: kind, label, n_cells, n_active, lowest, q05, q25, median, q75, q95, highest
SELECT kind, label, n_cells, n_active, lowest, q05, q25, "median", q75, q95, highest
FROM feature_label_quantile
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
ORDER BY kind DESC, "median" DESC, q75 DESC, q95 DESC, highest DESC, label
