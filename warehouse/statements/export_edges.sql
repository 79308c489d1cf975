SELECT source_sae, source_feature, target_sae, target_feature, g, d, mean, q, n_cells, sign
FROM edge
WHERE run_id = $$run_id AND criterion = $$criterion AND effect = $$effect
ORDER BY source_sae, source_feature, target_sae, target_feature
