-- What did reduced arithmetic do to the statistics of source features that were measured again in float32?
-- Columns: precision, source_sae, source_layer, target_sae, target_layer, n_features, n_tests, max_d_difference, p999_d_difference, edge_jaccard, n_sign_disagreements, degree_rho
SELECT
    precision, source_sae, source_layer, target_sae, target_layer, n_features, n_tests, max_d_difference,
    p999_d_difference, edge_jaccard, n_sign_disagreements, degree_rho
FROM precision_audit
WHERE run_id = $run_id AND effect = $effect AND ($source_sae IS NULL OR source_sae = $source_sae)
ORDER BY source_layer, source_sae, target_layer, target_sae
