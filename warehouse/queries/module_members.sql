-- Which features does a module have, and to how many of its others is each joined?
-- Columns: sae_id, layer, module, feature, top_genes, label, top_cell_type, n_joined
SELECT
    sae_id, sae.layer, module, feature, feature.top_genes, feature.label, feature.top_cell_type, n_joined
FROM module_feature AS member
JOIN sae USING (run_id, sae_id)
JOIN feature USING (run_id, sae_id, feature)
LEFT JOIN (
    SELECT ends.run_id, ends.sae_id, own.module, ends.feature, count(*) AS n_joined
    FROM (
        SELECT run_id, sae_id, feature_a AS feature, feature_b AS other FROM module_edge
        UNION ALL
        SELECT run_id, sae_id, feature_b, feature_a FROM module_edge
    ) AS ends
    JOIN module_feature AS own
        ON own.run_id = ends.run_id AND own.sae_id = ends.sae_id AND own.feature = ends.feature
    JOIN module_feature AS others
        ON others.run_id = ends.run_id AND others.sae_id = ends.sae_id AND others.feature = ends.other
            AND others.module = own.module
    WHERE ends.run_id = $run_id
    GROUP BY ALL
) USING (run_id, sae_id, module, feature)
WHERE run_id = $run_id AND sae_id = $sae_id AND ($module IS NULL OR module = $module)
ORDER BY n_joined DESC NULLS LAST, feature
LIMIT $n_rows
