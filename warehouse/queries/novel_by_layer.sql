-- How many living features have no annotation, and how many of these are in a cluster or beside annotated ones?
-- Columns: rule, layer, n_annotated, n_unannotated, n_clusters, n_features_in_clusters, n_guilt_by_association, expected_guilt, with_module_fraction
SELECT
    rule, layer, n_annotated, n_unannotated, n_clusters, n_features_in_clusters, n_guilt_by_association, expected_guilt,
    with_module_fraction
FROM novel_summary
JOIN sae USING (run_id, sae_id)
WHERE run_id = $run_id
ORDER BY rule DESC, layer
