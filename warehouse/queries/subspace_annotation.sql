-- What share of features is annotated, of those near an axis, inside the span of the axes, and of neither kind?
-- Columns: layer, direction, n_features, n_annotated, annotated_fraction
SELECT
    layer,
    CASE WHEN aligned THEN 'near an axis' WHEN significant THEN 'inside the span' ELSE 'neither' END AS direction,
    count(*) AS n_features, count(label) AS n_annotated, count(label) / count(*) AS annotated_fraction
FROM feature_subspace
JOIN feature USING (run_id, sae_id, feature)
WHERE run_id = $run_id
GROUP BY ALL
ORDER BY layer, direction
