-- Are features with many edges annotated more or less often than others, as they are and given how often they fire?
-- Columns: effect, criterion, sae_id, layer, test, k, given_frequency, n_features, n_annotated, observed, expected, sd, odds_ratio, statistic, p, q
SELECT
    tested.effect, tested.criterion, tested.sae_id, sae.layer, tested.test, tested.k, tested.given_frequency,
    tested.n_features, tested.n_annotated, tested.observed, tested.expected, tested.sd, tested.odds_ratio,
    tested.statistic, tested.p, tested.q
FROM enrichment_test AS tested
JOIN sae USING (run_id, sae_id)
WHERE run_id = $run_id
    AND ($source_sae IS NULL OR tested.sae_id = $source_sae)
ORDER BY sae.layer, tested.sae_id, tested.k, tested.given_frequency, tested.test
