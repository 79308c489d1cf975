-- How much of the total effect is direct, by layers in between?
WITH newest AS (
    SELECT run_id FROM run ORDER BY finished DESC LIMIT 1
)
SELECT source_layer, target_layer - source_layer AS layers_later,
    count(*) FILTER (effect = 'total') AS total_pairs, count(*) FILTER (effect = 'direct') AS direct_pairs,
    round(sum(abs(mean)) FILTER (effect = 'direct') / sum(abs(mean)) FILTER (effect = 'total'), 3) AS direct_share
FROM edge_stat
JOIN newest USING (run_id)
GROUP BY ALL
ORDER BY source_layer, layers_later
