-- How many features of each layer does a gene set label, and how many does the mean set of its library, of features and of random lists?
-- Columns: layer, sae_id, n_features, expected, by_chance
WITH labels AS (
    SELECT sae_id, term
    FROM annotation
    WHERE run_id = $run_id AND library = $library AND significant
),
random AS (  -- random lists that any set of the library labels, dealt out over its sets
    SELECT sae_id, null_mean * n_features / nullif(n_terms, 0) AS by_chance
    FROM annotation_summary
    WHERE run_id = $run_id AND library = $library AND rule IS DISTINCT FROM 'published'
)
SELECT
    layer, sae_id,
    count(labels.term) FILTER (WHERE labels.term = $term) AS n_features,
    count(labels.term) / (SELECT count(DISTINCT term) FROM labels) AS expected,
    any_value(by_chance) AS by_chance
FROM sae
LEFT JOIN labels USING (sae_id)
LEFT JOIN random USING (sae_id)
WHERE run_id = $run_id AND sae_id IN (SELECT sae_id FROM feature WHERE run_id = $run_id)
GROUP BY layer, sae_id
ORDER BY layer, sae_id
