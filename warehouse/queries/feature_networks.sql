-- How densely are a feature's genes joined in gene networks, and genes that are alike?
-- Columns: network, mode, n_edges, expected, q, p, density, n_genes, n_null, direction, rule
SELECT network, mode, n_edges, expected, q, p, density, n_genes, n_null, direction, rule
FROM feature_network_density
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature
ORDER BY q, p, network, mode
