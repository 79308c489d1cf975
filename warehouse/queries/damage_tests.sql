-- Do hubs cost the prediction of hidden genes more than other features, as they are and given how often they fire?
-- Columns: sae_id, layer, rule, test, given_frequency, n_first, n_second, first, second, statistic, p, q, imbalance
SELECT
    tested.sae_id, sae.layer, tested.rule, tested.test, tested.given_frequency, tested.n_first, tested.n_second,
    tested.first, tested.second, tested.statistic, tested.p, tested.q, tested.imbalance
FROM damage_test AS tested
JOIN sae USING (run_id, sae_id)
WHERE run_id = $run_id
    AND ($source_sae IS NULL OR tested.sae_id = $source_sae)
ORDER BY sae.layer, tested.sae_id, tested.rule DESC, tested.given_frequency DESC, tested.test
