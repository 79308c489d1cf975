-- How many edges has a source in each target layer, by rule, and how many by chance?
-- Columns: effect, criterion, source_layer, target_layer, n_sources, n_without, n_edges, mean_edges, low, high, mean_with_edges, expected_null
SELECT
    attenuation.effect, attenuation.criterion, source.layer AS source_layer, target.layer AS target_layer,
    attenuation.n_sources, attenuation.n_without, attenuation.n_edges, attenuation.mean_edges, attenuation.low,
    attenuation.high, attenuation.mean_with_edges, attenuation.expected_null
FROM attenuation
JOIN sae AS source ON source.run_id = attenuation.run_id AND source.sae_id = attenuation.source_sae
JOIN sae AS target ON target.run_id = attenuation.run_id AND target.sae_id = attenuation.target_sae
WHERE attenuation.run_id = $run_id AND attenuation.source_sae = $source_sae
ORDER BY
    list_position(['specific', 'calibrated', 'published', 'published_capped'], attenuation.criterion), target_layer,
    attenuation.target_sae
