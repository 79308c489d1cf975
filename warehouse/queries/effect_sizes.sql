-- How strong are effects and which sign have they, of all tested pairs and of the edges of each rule?
-- Columns: effect, criterion, target_layer, n_pairs, n_sources, mean_abs_d, median_abs_d, max_abs_d, above_1, above_2, share_negative, low, high, null_negative
SELECT
    found.effect, found.criterion, target.layer AS target_layer, found.n_pairs, found.n_sources, found.mean_abs_d,
    found.median_abs_d, found.max_abs_d, found.above_1, found.above_2, found.share_negative, found.low, found.high,
    found.null_negative
FROM effect_size_summary AS found
JOIN sae AS target ON target.run_id = found.run_id AND target.sae_id = found.target_sae
WHERE found.run_id = $run_id AND found.source_sae = $source_sae
ORDER BY
    list_position(['tested', 'specific', 'calibrated', 'published', 'published_capped'], found.criterion),
    target_layer, found.target_sae
