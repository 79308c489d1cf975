-- Which modules does an imported atlas have, layer by layer, and what are their members' commonest labels?
-- Columns: layer, sae_id, module, n_features, labels
SELECT sae.layer, sae_id, module, module.n_features, coalesce(labels, '') AS labels
FROM module
JOIN sae USING (run_id, sae_id)
LEFT JOIN (
    SELECT run_id, sae_id, module, string_agg(label, '; ' ORDER BY rank) AS labels FROM module_label GROUP BY ALL
) USING (run_id, sae_id, module)
WHERE run_id = $run_id
ORDER BY sae.layer, module
