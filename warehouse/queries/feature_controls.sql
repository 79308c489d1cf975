-- How does a feature's ablation compare with its controls? Ratios are to the real ablation; NULL where that does nothing.
-- Columns: effect, control, matched_feature, n_cells, n_edges, mean_abs_effect, max_abs_effect, n_specific, effect_ratio, edge_ratio
SELECT
    effect, control.control, control.matched_feature, control.n_cells, control.n_edges, control.mean_abs_effect,
    control.max_abs_effect, control.n_specific,
    control.mean_abs_effect / nullif(own.mean_abs_effect, 0) AS effect_ratio,
    control.n_edges / nullif(own.n_edges, 0) AS edge_ratio
FROM trace_control AS control
JOIN trace_control AS own USING (run_id, effect, source_sae, source_feature)
WHERE run_id = $run_id AND source_sae = $sae_id AND source_feature = $feature::UINTEGER AND own.control = 'real'
ORDER BY effect DESC, control.control
