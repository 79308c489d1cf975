-- What did switching single features off do to the outputs of their own genes and of others?
-- Columns: sae_id, layer, feature, effect, target_effect, other_effect, specificity, n_cells, label, genes, name
SELECT
    patch.sae_id, feature.layer, patch.feature, effect, target_effect, other_effect, specificity, n_cells,
    coalesce(patch.label, feature.label) AS label, genes,
    coalesce(feature.name, patch.label, feature.label) AS name
FROM causal_patch AS patch
JOIN feature USING (run_id, sae_id, feature)
LEFT JOIN (
    SELECT run_id, sae_id, feature, string_agg(symbol, ', ' ORDER BY rank) AS genes FROM causal_patch_gene GROUP BY ALL
) USING (run_id, sae_id, feature)
WHERE run_id = $run_id
ORDER BY specificity DESC, patch.feature
