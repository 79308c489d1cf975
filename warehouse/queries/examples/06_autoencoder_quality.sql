-- How good is each layer's autoencoder on held-out cells?
WITH newest AS (
    SELECT run_id FROM run WHERE NOT imported ORDER BY finished DESC LIMIT 1
)
SELECT layer, n_features, n_alive, round(1 - fvu, 3) AS variance_explained, round(l0, 1) AS l0,
    round(dead_fraction, 3) AS dead_fraction, round(loss_recovered, 3) AS loss_recovered,
    round(embedding_recovered, 3) AS embedding_recovered
FROM layer_summary
JOIN newest USING (run_id)
ORDER BY layer
