-- Which features tell the cells with a label best, and which of them mark it? Those told surest come first.
-- Columns: sae_id, layer, feature, auroc, auroc_low, auroc_high, name, top_genes, marks, n_cells, n_active, q, auroc_all, odds_ratio, module, strata, n_marking
WITH tested AS (
    SELECT * EXCLUDE (run_id, obs_column, label)
    FROM feature_mark
    WHERE run_id = $run_id AND obs_column = $obs_column AND label = $label
)
SELECT
    sae_id, layer, feature, auroc, auroc_low, auroc_high, coalesce(name, feature.label) AS name, top_genes, marks, n_cells,
    n_active, q, auroc_all, odds_ratio, coalesce(module_feature.module, feature.module) AS module, strata,
    count(*) FILTER (marks) OVER () AS n_marking
FROM tested
JOIN feature USING (sae_id, feature)
LEFT JOIN module_feature USING (run_id, sae_id, feature)
WHERE feature.run_id = $run_id
ORDER BY marks DESC, coalesce(auroc_low, auroc) DESC NULLS LAST, q, layer, sae_id, feature
LIMIT $n_rows
