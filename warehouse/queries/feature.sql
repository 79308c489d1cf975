-- What is known about one feature?
-- Columns: layer, alive, tier, fire_count, frequency, n_cells_active, mean_when_active, max_activation, decoder_norm, n_genes, top_genes, label, label_library, label_q, top_cell_type, top_cell_type_auroc, top_cell_type_low, top_cell_type_cells, top5_share, effective_genes, name, evidence, named_by, module
SELECT
    layer, alive, tier, fire_count, frequency, n_cells_active, mean_when_active, max_activation, decoder_norm,
    n_genes, top_genes, label, label_library, label_q, top_cell_type, top_cell_type_auroc,
    top_cell_type_low, top_cell_type_cells, top5_share, effective_genes, coalesce(name, label) AS name, evidence, named_by,
    coalesce(module_feature.module, feature.module) AS module
FROM feature
LEFT JOIN module_feature USING (run_id, sae_id, feature)
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
