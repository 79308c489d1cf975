-- How do real ablations compare with their controls, feature by feature? Ratios are to the feature's real ablation; NULL where that does nothing.
-- Columns: source_sae, source_layer, source_feature, control, matched_feature, n_cells, n_edges, mean_abs_effect, max_abs_effect, n_specific, effect_ratio, edge_ratio
SELECT
    control.source_sae, control.source_layer, control.source_feature, control.control, control.matched_feature,
    control.n_cells, control.n_edges, control.mean_abs_effect, control.max_abs_effect, control.n_specific,
    control.mean_abs_effect / nullif(own.mean_abs_effect, 0) AS effect_ratio,
    control.n_edges / nullif(own.n_edges, 0) AS edge_ratio
FROM trace_control AS control
JOIN trace_control AS own USING (run_id, effect, source_sae, source_feature)
WHERE run_id = $run_id
    AND effect = $effect
    AND own.control = 'real'
    AND ($source_sae IS NULL OR source_sae = $source_sae)
ORDER BY control.source_sae, control.source_feature, control.control
