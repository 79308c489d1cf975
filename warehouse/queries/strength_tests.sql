-- Do features with more edges list genes whose knock-down moves cells farther?
-- Columns: line, direction, sae_id, effect, criterion, n_features, n_genes, n_library, rho, expected, sd, p, q, least_rho, rho_alone, p_alone, n_null, reason
SELECT
    line, direction, sae_id, effect, criterion, n_features, n_genes, n_library, rho, expected, sd, p, q, least_rho,
    rho_alone, p_alone, n_null, reason
FROM strength_test
WHERE run_id = $run_id
ORDER BY q NULLS LAST, p, line, direction, sae_id
