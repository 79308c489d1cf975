-- How densely are a feature's genes joined in gene networks, as published?
-- Columns: network, density
SELECT network, density
FROM feature_network_density
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature
ORDER BY network
