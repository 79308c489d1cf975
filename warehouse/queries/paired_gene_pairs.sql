-- How alike are the pairs of genes that edges of this study and of another one predict?
-- Columns: other, scaling, criterion, other_criterion, n_own, n_other, n_both, own_factor, other_factor, mean_abs_own, mean_abs_other, ratio, sign_agreement, sign_chance, r, r_se, r_chance, p, n_null
SELECT
    other, scaling, criterion, other_criterion, n_own, n_other, n_both, own_factor, other_factor, mean_abs_own,
    mean_abs_other, ratio, sign_agreement, sign_chance, r, r_se, r_chance, p, n_null
FROM paired_gene_pair
WHERE run_id = $run_id AND source_sae = $source_sae
ORDER BY other, list_position(['raw', 'feature_share', 'input_share'], scaling)
