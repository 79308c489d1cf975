-- Which pairs of domains do edges join in this study and in another?
-- Columns: other, source_domain, target_domain, n_edges, expected, n_edges_there, expected_there, mean_g, mean_g_there, p, q
SELECT
    other, source_domain, target_domain, n_edges, expected, n_edges_there, expected_there, mean_g, mean_g_there, p, q
FROM consensus_pair
WHERE run_id = $run_id AND kind = $kind
ORDER BY other, q, p, n_edges DESC, source_domain, target_domain
