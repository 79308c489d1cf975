-- How much of the size of effects does co-expression foretell, by rule?
-- Columns: target_layer, rule, n_sources, n_pairs, slope, r, r2, low, high
SELECT
    target.layer AS target_layer, found.rule, found.n_sources, found.n_pairs, found.slope, found.r, found.r2, found.low,
    found.high
FROM regression_summary AS found
JOIN sae AS target ON target.run_id = found.run_id AND target.sae_id = found.target_sae
WHERE found.run_id = $run_id AND found.source_sae = $source_sae
ORDER BY
    target_layer, found.target_sae,
    list_position(['partial', 'marginal', 'disjoint', 'edges', 'published'], found.rule)
