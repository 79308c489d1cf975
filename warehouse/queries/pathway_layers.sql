-- How many features of each layer does a gene set label, and how many does the mean set of its library?
-- Columns: layer, sae_id, n_features, expected
WITH labels AS (
    SELECT sae_id, term
    FROM annotation
    WHERE run_id = $run_id AND library = $library AND significant
)
SELECT
    layer, sae_id,
    count(labels.term) FILTER (WHERE labels.term = $term) AS n_features,
    count(labels.term) / (SELECT count(DISTINCT term) FROM labels) AS expected
FROM sae
LEFT JOIN labels USING (sae_id)
WHERE run_id = $run_id AND sae_id IN (SELECT sae_id FROM feature WHERE run_id = $run_id)
GROUP BY layer, sae_id
ORDER BY layer, sae_id
