-- Which domains do edges join more often than exchanged targets let them?
-- Columns: source_domain, target_domain, n_edges, expected, fold, z, p, q, p_any, n_sources, n_targets, n_layer_pairs, mean_g, share_negative, mean_depth, n_tests, n_null, q_least
SELECT
    source_domain, target_domain, n_edges, expected, n_edges / nullif(expected, 0) AS fold, z, p, q, p_any, n_sources,
    n_targets, n_layer_pairs, mean_g, share_negative, mean_depth, n_tests, n_null, q_least
FROM domain_pair
WHERE run_id = $run_id AND kind = $kind
ORDER BY q, p_any, z DESC, source_domain, target_domain
