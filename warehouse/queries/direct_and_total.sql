-- How do direct effects compare with total ones, from layer to layer? A pair without an effect of a kind counts as 0 there; d_rho is the Spearman correlation of d.
-- Columns: source_sae, source_layer, target_sae, target_layer, n_pairs, n_total, n_direct, n_both, d_rho, direct_share
SELECT
    source_sae, source_layer, target_sae, target_layer, n_pairs, n_total, n_direct, n_both, d_rho, direct_share
FROM effect_comparison
WHERE run_id = $run_id AND criterion = $criterion AND ($source_sae IS NULL OR source_sae = $source_sae)
ORDER BY source_layer, source_sae, target_layer, target_sae
