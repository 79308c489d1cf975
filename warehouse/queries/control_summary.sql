-- How many edges does each control make beside the ablations of the same features, and what is left over?
-- Columns: source_sae, source_layer, control, n_features, real_mean, control_mean, real_median, control_median, excess, low, high, statistic, p, q, rho, reached
SELECT
    source_sae, source_layer, control, n_features, real_mean, control_mean, real_median, control_median, excess, low,
    high, statistic, p, q, rho, reached
FROM control_summary
JOIN (SELECT sae_id AS source_sae, layer AS source_layer FROM sae WHERE run_id = $run_id) AS source USING (source_sae)
WHERE run_id = $run_id
    AND effect = $effect
    AND ($source_sae IS NULL OR source_sae = $source_sae)
ORDER BY source_layer, source_sae, control
