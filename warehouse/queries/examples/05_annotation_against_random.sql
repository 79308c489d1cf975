-- What share of features is annotated, and of random gene sets of the same size, by the default and the published rule?
WITH newest AS (
    SELECT run_id FROM run WHERE NOT imported ORDER BY finished DESC LIMIT 1
)
SELECT layer, library, rule, n_annotated, summary.n_features, round(annotated_fraction, 3) AS annotated,
    round(null_mean, 3) AS random_mean, round(null_max, 3) AS random_max
FROM annotation_summary AS summary
JOIN newest USING (run_id)
JOIN sae USING (run_id, sae_id)
ORDER BY layer, library, rule
