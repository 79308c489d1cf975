-- Which modules does the run have, layer by layer, how firm are they, and which labels have their members?
-- Columns: layer, sae_id, module, n_features, n_edges, mean_weight, stability, modularity, null_modularity, null_sd, rule, n_carrying, labels
SELECT
    sae.layer, sae_id, module, module.n_features, n_edges, mean_weight, stability, modularity, null_modularity, null_sd,
    rule, n_carrying, coalesce(labels, '') AS labels
FROM module
JOIN sae USING (run_id, sae_id)
LEFT JOIN (
    SELECT run_id, sae_id, module_feature.module, count(feature.label) AS n_carrying
    FROM module_feature
    JOIN feature USING (run_id, sae_id, feature)
    GROUP BY ALL
) USING (run_id, sae_id, module)
LEFT JOIN (
    SELECT run_id, sae_id, module, string_agg(label, '; ' ORDER BY rank) AS labels FROM module_label GROUP BY ALL
) USING (run_id, sae_id, module)
WHERE run_id = $run_id
ORDER BY sae.layer, module
