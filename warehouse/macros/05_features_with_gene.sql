CREATE OR REPLACE MACRO features_with_gene(gene_symbol, run := NULL) AS TABLE
SELECT run_id, sae_id, layer, feature, rank, fire_rate, feature_gene.mean_activation, top_genes, label, top_cell_type
FROM feature_gene
JOIN feature USING (run_id, sae_id, feature)
WHERE upper(symbol) = upper(gene_symbol) AND coalesce(shown, true) AND (run IS NULL OR run_id = run)
ORDER BY run_id, rank, feature_gene.mean_activation DESC, layer, sae_id, feature;
COMMENT ON MACRO TABLE features_with_gene IS 'Features that list a gene among their top genes, by its rank: features_with_gene(symbol, run := NULL); NULL takes every run.';
