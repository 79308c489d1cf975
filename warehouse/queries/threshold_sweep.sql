-- How do the number of edges and their false-discovery rate depend on the thresholds, under either rule?
-- Columns: criterion, effect_min, consistency_min, n_edges, mean_degree, expected_null, fdr, rank_rho, top20_overlap
SELECT
    coalesce(criterion, 'calibrated') AS criterion, effect_min, consistency_min, n_edges, mean_degree, expected_null, fdr,
    rank_rho, top20_overlap
FROM threshold_sweep
WHERE run_id = $run_id AND effect = $effect AND source_sae = $source_sae
ORDER BY criterion, effect_min, consistency_min
