-- How many pairs of a module's members are joined, and how many would be by chance if every feature kept the number of its pairs?
-- Columns: module, n_features, n_pairs, n_joined, expected
WITH degrees AS (
    SELECT feature, count(*) AS degree
    FROM (
        SELECT feature_a AS feature FROM module_edge WHERE run_id = $run_id AND sae_id = $sae_id
        UNION ALL
        SELECT feature_b FROM module_edge WHERE run_id = $run_id AND sae_id = $sae_id
    )
    GROUP BY feature
),
whole AS (SELECT sum(degree) AS ends FROM degrees)  -- twice the pairs of the layer
SELECT
    module, module.n_features,
    module.n_features::BIGINT * (module.n_features::BIGINT - 1) // 2 AS n_pairs,
    module.n_edges AS n_joined,
    (pow(sum(degree), 2) - sum(pow(degree, 2))) / (2 * any_value(ends)) AS expected  -- sum over pairs of k_a k_b / ends
FROM module
JOIN module_feature USING (run_id, sae_id, module)
LEFT JOIN degrees USING (feature)
CROSS JOIN whole
WHERE run_id = $run_id AND sae_id = $sae_id AND ($module IS NULL OR module = $module)
GROUP BY module, module.n_features, module.n_edges
ORDER BY module
