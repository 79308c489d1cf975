SELECT
    feature.* EXCLUDE run_id REPLACE (coalesce(module_feature.module, feature.module) AS module),
    printf('L%d_F%d', layer, feature) AS name
FROM feature
LEFT JOIN module_feature USING (run_id, sae_id, feature)
WHERE run_id = $$run_id
ORDER BY layer, sae_id, feature
