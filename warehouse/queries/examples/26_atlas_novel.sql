-- Published atlas: which genes do clusters of unannotated features agree on?
WITH newest AS (
    SELECT run_id FROM run WHERE imported ORDER BY finished DESC LIMIT 1
)
SELECT layer, cluster, cluster_of.n_features, round(mean_jaccard, 2) AS mean_jaccard,
    string_agg(symbol, ', ' ORDER BY symbol)[:100] AS consensus_genes
FROM novel_cluster AS cluster_of
JOIN newest USING (run_id)
JOIN sae USING (run_id, sae_id)
LEFT JOIN novel_cluster_gene USING (run_id, sae_id, cluster)
GROUP BY ALL
ORDER BY cluster_of.n_features DESC, layer, cluster
LIMIT 20
