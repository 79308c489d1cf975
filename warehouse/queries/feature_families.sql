-- On which families of genes does a feature fire more than on other genes?
-- Columns: library, family, log_odds, null_mean, null_sd, q, n_genes, n_active, n_tokens
SELECT library, family, log_odds, null_mean, null_sd, q, n_genes, n_active, n_tokens
FROM feature_family
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
ORDER BY q NULLS LAST, log_odds DESC, library, family
