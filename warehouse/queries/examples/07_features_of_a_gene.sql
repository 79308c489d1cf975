-- Which features fire on LYZ, and where does it rank among their genes?
WITH newest AS (
    SELECT run_id FROM run WHERE NOT imported ORDER BY finished DESC LIMIT 1
)
SELECT feature.layer, feature.feature, gene.rank, round(gene.fire_rate, 2) AS fire_rate,
    round(gene.mean_activation, 2) AS mean_activation, feature.top_genes, feature.label, feature.top_cell_type
FROM feature_gene AS gene
JOIN newest USING (run_id)
JOIN feature USING (run_id, sae_id, feature)
WHERE gene.symbol = 'LYZ' AND coalesce(gene.shown, true)
ORDER BY gene.rank, gene.score DESC
LIMIT 20
