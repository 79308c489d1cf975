-- Which living features of the same autoencoder come before and after one, by number?
-- Columns: before, after
SELECT
    max(feature) FILTER (WHERE feature < $feature::UINTEGER) AS before,
    min(feature) FILTER (WHERE feature > $feature::UINTEGER) AS after
FROM feature
WHERE run_id = $run_id AND sae_id = $sae_id AND alive
