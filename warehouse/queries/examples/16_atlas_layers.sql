-- Published atlas: how many features of each layer live, and how many are annotated?
WITH newest AS (
    SELECT run_id FROM run WHERE imported ORDER BY finished DESC LIMIT 1
)
SELECT layer, sae.n_features, n_alive, n_annotated, annotation_rate, n_modules, published.n_svd_aligned, variance_explained
FROM published_layer AS published
JOIN newest USING (run_id)
JOIN sae USING (run_id, sae_id)
ORDER BY layer
