-- Which autoencoders were traced as sources and as targets, and with which kinds of effect?
-- Columns: effect, source_sae, source_layer, target_sae, target_layer
SELECT DISTINCT effect, sae_id AS source_sae, layer AS source_layer, other_sae AS target_sae, other_layer AS target_layer
FROM feature_degree
WHERE run_id = $run_id AND direction = 'out'
ORDER BY effect DESC, source_layer, source_sae, target_layer, target_sae
