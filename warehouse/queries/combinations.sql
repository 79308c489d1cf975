-- Which sets of features were changed together, and what are their members?
-- Columns: combination, drawn, control, n_cells, member, sae_id, layer, feature, multiplier, top_genes, label, top_cell_type
SELECT
    combination, drawn, control, combination.n_cells, member, sae_id, combination.layer, feature, multiplier,
    top_genes, label, top_cell_type
FROM combination
JOIN feature USING (run_id, sae_id, feature)
WHERE run_id = $run_id
ORDER BY control NULLS FIRST, drawn, combination, member
