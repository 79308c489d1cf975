SELECT source_sae, source_layer, target_sae, target_layer
FROM layer_pair
WHERE run_id = $$run_id
GROUP BY ALL
HAVING count(*) = 2
ORDER BY ALL
