-- How deep in the model do domains stand, and are their targets deeper than exchanged ones?
-- Columns: domain, role, n_edges, mean_depth, expected_depth, difference, p, q, mean_layer, min_layer, max_layer
SELECT
    domain, role, n_edges, mean_depth, expected_depth, mean_depth - expected_depth AS difference, p, q, mean_layer,
    min_layer, max_layer
FROM domain_layer
WHERE run_id = $run_id AND kind = $kind
ORDER BY role <> 'target', q, p, domain
