-- Which features list a gene among their first, in which layers, and at which rank?
-- Columns: layer, sae_id, feature, rank, score, fire_rate, mean_activation, name, evidence, top_genes, top_cell_type
SELECT
    layer, sae_id, feature, rank, score, fire_rate, feature_gene.mean_activation, name, evidence, top_genes, top_cell_type
FROM feature_gene
JOIN feature USING (run_id, sae_id, feature)
WHERE run_id = $run_id AND symbol = $symbol AND coalesce(shown, true)
ORDER BY rank, score DESC, layer, sae_id, feature
