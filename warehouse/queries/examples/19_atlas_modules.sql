-- Published atlas: which are the largest modules of features, and what do their members have in common?
WITH newest AS (
    SELECT run_id FROM run WHERE imported ORDER BY finished DESC LIMIT 1
)
SELECT layer, module, module.n_features, string_agg(label, '; ' ORDER BY rank) AS labels
FROM module
JOIN newest USING (run_id)
JOIN sae USING (run_id, sae_id)
LEFT JOIN module_label USING (run_id, sae_id, module)
GROUP BY layer, module, module.n_features
ORDER BY module.n_features DESC, layer, module
LIMIT 20
