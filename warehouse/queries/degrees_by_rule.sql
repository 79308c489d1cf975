-- How many edges leave each feature by the published and by the calibrated rule?
-- Columns: sae_id, feature, published, calibrated
SELECT
    sae_id, feature, coalesce(sum(degree) FILTER (criterion = 'published'), 0)::BIGINT AS published,
    coalesce(sum(degree) FILTER (criterion = 'calibrated'), 0)::BIGINT AS calibrated
FROM feature_degree
WHERE run_id = $run_id AND direction = 'out' AND effect = $effect AND ($source_sae IS NULL OR sae_id = $source_sae)
GROUP BY sae_id, feature
ORDER BY published DESC, sae_id, feature
