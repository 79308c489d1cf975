-- How many edges have the features of an autoencoder, beside how far knock-downs of their genes move cells?
-- Columns: feature, degree, strength, n_genes
SELECT feature, sum(degree)::UBIGINT AS degree, any_value(strength) AS strength, any_value(n_genes) AS n_genes
FROM feature_strength
JOIN feature_degree USING (run_id, sae_id, feature)
WHERE run_id = $run_id AND line = $line AND sae_id = $sae_id AND direction = $direction AND effect = $effect
    AND criterion = $criterion
GROUP BY feature
ORDER BY feature
LIMIT $n_rows
