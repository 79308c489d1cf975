-- Published atlas: what share of a layer's features is found again in the next layer?
WITH newest AS (
    SELECT run_id FROM run WHERE imported ORDER BY finished DESC LIMIT 1
)
SELECT from_layer, to_layer, n_alive_from, n_matches, round(persistence_rate, 4) AS persistence_rate,
    round(mean_cosine, 3) AS mean_cosine
FROM persistence
JOIN newest USING (run_id)
WHERE kind = 'adjacent'
ORDER BY from_layer
