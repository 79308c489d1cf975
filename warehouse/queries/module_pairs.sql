-- Which pairs of features are joined most firmly, in a module, among some members or at all, and how often would they fire together by chance?
-- Columns: a_sae, a_layer, a_feature, a_genes, b_sae, b_layer, b_feature, b_genes, n_together, expected, z, q, pmi, weight
SELECT
    edge.sae_id AS a_sae, sae.layer AS a_layer, feature_a AS a_feature, a.top_genes AS a_genes,
    edge.sae_id AS b_sae, sae.layer AS b_layer, feature_b AS b_feature, b.top_genes AS b_genes,
    n_both AS n_together, expected, z, q, pmi, weight
FROM module_edge AS edge
JOIN sae ON sae.run_id = edge.run_id AND sae.sae_id = edge.sae_id
JOIN feature AS a ON a.run_id = edge.run_id AND a.sae_id = edge.sae_id AND a.feature = feature_a
JOIN feature AS b ON b.run_id = edge.run_id AND b.sae_id = edge.sae_id AND b.feature = feature_b
LEFT JOIN module_feature AS of_a
    ON of_a.run_id = edge.run_id AND of_a.sae_id = edge.sae_id AND of_a.feature = feature_a
LEFT JOIN module_feature AS of_b
    ON of_b.run_id = edge.run_id AND of_b.sae_id = edge.sae_id AND of_b.feature = feature_b
WHERE edge.run_id = $run_id AND edge.sae_id = $sae_id
    AND ($module IS NULL OR (of_a.module = $module AND of_b.module = $module))
    AND ($members IS NULL
        OR (list_contains($members::UINTEGER[], feature_a) AND list_contains($members::UINTEGER[], feature_b)))
ORDER BY weight DESC, feature_a, feature_b
LIMIT $n_rows
