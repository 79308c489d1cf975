-- Which feature is nearest to each of the first principal axes of a layer?
-- Columns: axis, variance_train, variance_heldout, sae_id, layer, feature, best_cosine, top_genes
SELECT
    axis, variance_train, variance_heldout, svd_axis.sae_id, sae.layer, best_feature AS feature, best_cosine, top_genes
FROM svd_axis
JOIN sae USING (run_id, sae_id)
LEFT JOIN feature ON feature.run_id = svd_axis.run_id AND feature.sae_id = svd_axis.sae_id
    AND feature.feature = best_feature
WHERE svd_axis.run_id = $run_id AND sae.layer = $layer AND axis <= 50
ORDER BY axis
