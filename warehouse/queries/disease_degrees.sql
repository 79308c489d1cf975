-- Do features that list a disease's genes have more edges than features that fire as often?
-- Columns: direction, sae_id, library, disease, n_features, mean_rank, expected, sd, p_matched, q_matched, p_unmatched, reason
SELECT
    direction, sae_id, library, disease, n_features, mean_rank, expected, sd, p_matched, q_matched, p_unmatched, reason
FROM disease_test
WHERE run_id = $run_id
ORDER BY q_matched NULLS LAST, p_matched, n_features DESC, direction, sae_id, library, disease
