-- Which cell types and modules can features be filtered by?
-- Columns: cell_types, modules
SELECT
    (
        SELECT coalesce(list_sort(list(DISTINCT top_cell_type)), [])
        FROM feature
        WHERE run_id = $run_id AND top_cell_type IS NOT NULL
    ) AS cell_types,
    (
        SELECT coalesce(list_sort(list(DISTINCT coalesce(module_feature.module, feature.module))), [])
        FROM feature
        LEFT JOIN module_feature USING (run_id, sae_id, feature)
        WHERE run_id = $run_id
            AND coalesce(module_feature.module, feature.module) IS NOT NULL
            AND sae_id = coalesce($sae_id, sae_id)
    ) AS modules
