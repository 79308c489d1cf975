-- On which genes does a feature fire most strongly?
-- Columns: rank, symbol, gene_id, score, score_low, score_high, mean_activation, fire_rate, specificity, fire_count, gene_count, published_rank
SELECT
    rank, symbol, gene_id, score, score_low, score_high, mean_activation, fire_rate, specificity, fire_count, gene_count,
    published_rank
FROM feature_gene
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER AND coalesce(shown, true)
ORDER BY rank
