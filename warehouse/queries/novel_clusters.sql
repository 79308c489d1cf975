-- Which clusters of features without annotation share genes?
-- Columns: rule, layer, cluster, n_features, null_size, q, n_unique_genes, mean_jaccard, mean_frequency, term, term_q, features, genes
SELECT
    rule, layer, cluster, cluster.n_features, null_size, cluster.q, n_unique_genes, mean_jaccard, mean_frequency, term,
    term_q,
    coalesce(members.features, '') AS features, coalesce(shared.genes, '') AS genes
FROM novel_cluster AS cluster
JOIN sae USING (run_id, sae_id)
LEFT JOIN (
    SELECT run_id, sae_id, cluster, string_agg(feature, ', ' ORDER BY feature) AS features
    FROM novel_cluster_feature
    GROUP BY ALL
) AS members USING (run_id, sae_id, cluster)
LEFT JOIN (
    SELECT run_id, sae_id, cluster, string_agg(symbol, ', ' ORDER BY rank) AS genes FROM novel_cluster_gene GROUP BY ALL
) AS shared USING (run_id, sae_id, cluster)
WHERE run_id = $run_id
ORDER BY rule DESC, layer, cluster.n_features DESC, cluster
