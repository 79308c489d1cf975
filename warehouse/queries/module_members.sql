-- Which features does a module have, and to how many of its others is each joined?
-- Columns: sae_id, layer, module, feature, top_genes, label, top_cell_type, n_joined, frequency
SELECT
    member.sae_id, sae.layer, member.module, member.feature, feature.top_genes, feature.label, feature.top_cell_type,
    n_joined, feature.frequency
FROM module_feature AS member
JOIN sae ON sae.run_id = member.run_id AND sae.sae_id = member.sae_id
JOIN feature
    ON feature.run_id = member.run_id AND feature.sae_id = member.sae_id AND feature.feature = member.feature
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
) AS joined
    ON joined.run_id = member.run_id AND joined.sae_id = member.sae_id AND joined.module = member.module
        AND joined.feature = member.feature
WHERE member.run_id = $run_id AND member.sae_id = $sae_id AND ($module IS NULL OR member.module = $module)
ORDER BY n_joined DESC NULLS LAST, member.feature
LIMIT $n_rows
