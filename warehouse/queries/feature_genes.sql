-- On which genes does a feature fire most strongly?
-- Columns: rank, symbol, gene_id, score, mean_activation, fire_rate, fire_count, gene_count
SELECT rank, symbol, gene_id, score, mean_activation, fire_rate, fire_count, gene_count
FROM feature_gene
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
ORDER BY rank
