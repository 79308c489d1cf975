-- Published atlas: in which layers do features list MYC among their genes, and what are they called?
WITH newest AS (
    SELECT run_id FROM run WHERE imported ORDER BY finished DESC LIMIT 1
)
SELECT layer, feature.feature, gene.rank, round(gene.mean_activation, 2) AS mean_activation, top_genes, label, published_label
FROM feature_gene AS gene
JOIN newest USING (run_id)
JOIN feature USING (run_id, sae_id, feature)
WHERE gene.symbol = 'MYC'
ORDER BY gene.rank, gene.mean_activation DESC, layer
LIMIT 20
