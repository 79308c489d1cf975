-- Where do the living features of one autoencoder lie on the map of directions, and by what can they be coloured?
-- Columns: feature, map_x, map_y, frequency, max_activation, n_cells_active, tier, module, label, label_library, top_cell_type, top_genes, name, named_by
SELECT
    feature, map_x, map_y, frequency, max_activation, n_cells_active, tier,
    coalesce(module_feature.module, feature.module) AS module, label, label_library, top_cell_type, top_genes,
    coalesce(name, label) AS name, named_by
FROM feature
LEFT JOIN module_feature USING (run_id, sae_id, feature)
WHERE run_id = $run_id AND sae_id = $sae_id AND alive AND map_x IS NOT NULL
ORDER BY feature
