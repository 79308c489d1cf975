-- Which features does a gene set label, in which layers, and by which genes?
-- Columns: layer, sae_id, feature, n_overlap, expected, fold, q, genes, name, evidence, top_cell_type
SELECT
    layer, sae_id, feature, n_overlap, expected, fold, q, genes, name, evidence, top_cell_type
FROM annotation
JOIN feature USING (run_id, sae_id, feature)
WHERE run_id = $run_id AND library = $library AND term = $term AND significant
ORDER BY q, p, layer, sae_id, feature
