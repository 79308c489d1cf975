-- How many edges does each control make beside the ablations of the same features, and what is left over?
-- Columns: source_sae, source_layer, control, n_features, real_mean, control_mean, real_median, control_median, excess, low, high, statistic, p, q, rho, reached
SELECT
    source_sae, sae.layer AS source_layer, control, n_features, real_mean, control_mean, real_median, control_median,
    excess, low, high, statistic, p, q, rho, reached
FROM control_summary
JOIN sae ON sae.run_id = control_summary.run_id AND sae.sae_id = control_summary.source_sae
WHERE control_summary.run_id = $run_id
    AND effect = $effect
    AND ($source_sae IS NULL OR source_sae = $source_sae)
ORDER BY source_layer, source_sae, control
