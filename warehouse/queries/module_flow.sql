-- How many links join each module of a layer to each of a later one, and how often do their ends fire together beside what is expected?
-- Columns: source_layer, source_module, target_layer, target_module, n_links, n_together, expected
SELECT
    source.layer AS source_layer, of_source.module AS source_module,
    target.layer AS target_layer, of_target.module AS target_module,
    count(*) AS n_links, sum(n_both)::UBIGINT AS n_together, sum(expected) AS expected
FROM cross_layer_link AS link
JOIN sae AS source ON source.run_id = link.run_id AND source.sae_id = source_sae
JOIN sae AS target ON target.run_id = link.run_id AND target.sae_id = target_sae
LEFT JOIN module_feature AS of_source
    ON of_source.run_id = link.run_id AND of_source.sae_id = source_sae AND of_source.feature = source_feature
LEFT JOIN module_feature AS of_target
    ON of_target.run_id = link.run_id AND of_target.sae_id = target_sae AND of_target.feature = target_feature
WHERE link.run_id = $run_id
GROUP BY ALL
ORDER BY source_layer, target_layer, source_module NULLS LAST, target_module NULLS LAST
