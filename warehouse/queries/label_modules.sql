-- Which modules do the features that mark a label belong to, and how many would if they were any features of their layer?
-- Columns: layer, sae_id, module, n_features, n_marking, expected, labels
WITH marking AS (
    SELECT DISTINCT sae_id, feature
    FROM feature_mark
    WHERE run_id = $run_id AND obs_column = $obs_column AND label = $label AND marks
),
members AS (
    SELECT sae_id, layer, feature, coalesce(module_feature.module, feature.module) AS module
    FROM feature
    LEFT JOIN module_feature USING (run_id, sae_id, feature)
    WHERE run_id = $run_id AND alive AND sae_id IN (SELECT sae_id FROM marking)
),
counted AS (
    SELECT
        layer, sae_id, module, count(*) AS n_features, count(marking.feature) AS n_marking,
        sum(count(*)) OVER (PARTITION BY sae_id) AS n_alive,
        sum(count(marking.feature)) OVER (PARTITION BY sae_id) AS n_of_layer
    FROM members
    LEFT JOIN marking USING (sae_id, feature)
    GROUP BY layer, sae_id, module
),
named AS (
    SELECT sae_id, module, string_agg(label, '; ' ORDER BY rank) AS labels
    FROM module_label
    WHERE run_id = $run_id
    GROUP BY ALL
)
SELECT
    layer, sae_id, module, n_features, n_marking, n_features * n_of_layer / n_alive AS expected,
    coalesce(labels, '') AS labels
FROM counted
LEFT JOIN named USING (sae_id, module)
WHERE n_marking > 0 AND module IS NOT NULL
ORDER BY n_marking DESC, layer, sae_id, module
