-- Published atlas: which cell types have most enriched features, and which feature is each one's clearest?
WITH newest AS (
    SELECT run_id FROM run WHERE imported ORDER BY finished DESC LIMIT 1
)
SELECT cell_type, count(*) AS features, count(DISTINCT sae_id) AS layers,
    arg_min(printf('L%d_F%d', layer, feature.feature), q) AS clearest, arg_min(top_genes, q) AS its_genes
FROM feature_cell_type
JOIN newest USING (run_id)
JOIN feature USING (run_id, sae_id, feature)
GROUP BY cell_type
ORDER BY features DESC, cell_type
LIMIT 20
