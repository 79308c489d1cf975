SELECT sae_id, feature, gene_id, symbol, mean_activation, fire_rate
FROM feature_gene
WHERE run_id = $$run_id
ORDER BY sae_id, feature, rank
