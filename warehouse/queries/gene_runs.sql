-- How many features list a gene in every published run, layer by layer?
-- Columns: run_id, study, layer, sae_id, n_features, expected, best_rank
SELECT
    run_id, any_value(study) AS study, layer, sae_id,
    count(*) FILTER (WHERE symbol = $symbol) AS n_features,
    count(*) / (SELECT count(*) FROM gene WHERE gene.run_id = feature_gene.run_id) AS expected,
    min(rank) FILTER (WHERE symbol = $symbol) AS best_rank
FROM feature_gene
JOIN sae USING (run_id, sae_id)
JOIN run USING (run_id)
WHERE coalesce(shown, true)
GROUP BY run_id, layer, sae_id
ORDER BY run_id, layer, sae_id
