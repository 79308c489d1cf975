-- How does a feature's ablation compare with its controls?
-- Columns: effect, control, matched_feature, n_cells, n_edges, mean_abs_effect, max_abs_effect
SELECT effect, control, matched_feature, n_cells, n_edges, mean_abs_effect, max_abs_effect
FROM trace_control
WHERE run_id = $run_id AND source_sae = $sae_id AND source_feature = $feature
ORDER BY effect DESC, control
