-- Do pairs of labels that two studies join have a disease at both ends more often than others as frequent?
-- Columns: other, library, n_pairs, n_shared, n_disease, n_both, odds_ratio, odds_alone, z, expected, sd, p, p_pairs, reason
SELECT
    other, library, n_pairs, n_shared, n_disease, n_both, odds_ratio, odds_alone, z, expected, sd, p, p_pairs, reason
FROM disease_consensus
WHERE run_id = $run_id
ORDER BY other, library
