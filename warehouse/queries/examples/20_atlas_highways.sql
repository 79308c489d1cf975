-- Published atlas: how many features have a strong link to a later layer (a highway)?
WITH newest AS (
    SELECT run_id FROM run WHERE imported ORDER BY finished DESC LIMIT 1
)
SELECT source_layer, target_layer, n_alive_source, n_with_links, n_highways,
    round(n_highways / n_with_links, 3) AS highway_share, mean_max_pmi
FROM cross_layer_summary
JOIN newest USING (run_id)
ORDER BY source_layer
