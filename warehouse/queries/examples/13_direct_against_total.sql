-- How much of the total effect is direct, by layers in between?
WITH newest AS (
    SELECT run_id FROM run WHERE NOT imported ORDER BY finished DESC LIMIT 1
)
SELECT source_layer, target_layer - source_layer AS layers_later,
    sum(n_pairs) FILTER (effect = 'total')::BIGINT AS total_pairs,
    sum(n_pairs) FILTER (effect = 'direct')::BIGINT AS direct_pairs,
    round(sum(sum_abs_mean) FILTER (effect = 'direct') / sum(sum_abs_mean) FILTER (effect = 'total'), 3) AS direct_share
FROM layer_pair
JOIN newest USING (run_id)
GROUP BY ALL
ORDER BY source_layer, layers_later
