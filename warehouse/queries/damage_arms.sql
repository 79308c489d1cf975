-- What do hubs, their matches and random features cost the prediction of hidden genes, feature by feature and together?
-- Columns: effect, criterion, sae_id, layer, rule, arm, change, together, n_units, mean, median, low, high, accuracy, mean_norm, median_degree, median_frequency
SELECT
    costs.effect, costs.criterion, costs.sae_id, sae.layer, costs.rule, costs.arm, costs.change, costs.together,
    costs.n_units, costs.mean, costs.median, costs.low, costs.high, costs.accuracy, costs.mean_norm,
    costs.median_degree, costs.median_frequency
FROM damage_summary AS costs
JOIN sae USING (run_id, sae_id)
WHERE run_id = $run_id
    AND ($source_sae IS NULL OR costs.sae_id = $source_sae)
ORDER BY sae.layer, costs.sae_id, costs.rule DESC, costs.together, costs.arm, costs.change
