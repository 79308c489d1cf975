-- How do real ablations compare with their controls, feature by feature?
-- Columns: source_sae, source_layer, source_feature, control, matched_feature, n_cells, n_edges, mean_abs_effect, max_abs_effect
SELECT
    source_sae, source_layer, source_feature, control, matched_feature, n_cells, n_edges, mean_abs_effect, max_abs_effect
FROM trace_control
WHERE run_id = $run_id AND effect = $effect AND ($source_sae IS NULL OR source_sae = $source_sae)
ORDER BY source_sae, source_feature, control
