-- name: export_edges
SELECT source_sae, source_feature, target_sae, target_feature, g, d, mean, q, n_cells, sign
FROM edge
WHERE run_id = $$run_id AND criterion = $$criterion AND effect = $$effect
ORDER BY source_sae, source_feature, target_sae, target_feature

-- name: export_features
SELECT
    feature.* EXCLUDE (run_id, name) REPLACE (coalesce(module_feature.module, feature.module) AS module),
    coalesce(feature.name, label) AS stands_for,
    printf('L%d_F%d', layer, feature) AS name
FROM feature
LEFT JOIN module_feature USING (run_id, sae_id, feature)
WHERE run_id = $$run_id
ORDER BY layer, sae_id, feature

-- name: export_genes
SELECT sae_id, feature, gene_id, symbol, mean_activation, fire_rate
FROM feature_gene
WHERE run_id = $$run_id AND coalesce(shown, true)
ORDER BY sae_id, feature, rank

-- name: export_run
SELECT run_id, study, title, imported, finished
FROM run
WHERE $$run_id IS NULL OR run_id = $$run_id
ORDER BY imported, finished DESC, run_id
LIMIT 1

-- name: export_steps
SELECT step, layer, step || '-' || step_key AS folder
FROM run_step
WHERE run_id = $$run_id
ORDER BY place
