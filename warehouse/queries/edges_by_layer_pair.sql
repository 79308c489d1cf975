-- How many edges go from each source layer to each target layer, by kind of effect and rule?
-- Columns: effect, criterion, source_layer, target_layer, n_edges, n_sources
SELECT
    effect,
    criterion,
    layer AS source_layer,
    other_layer AS target_layer,
    sum(degree)::BIGINT AS n_edges,
    count(DISTINCT (sae_id, feature)) AS n_sources
FROM feature_degree
WHERE run_id = $run_id AND direction = 'out'
GROUP BY ALL
ORDER BY effect, criterion, source_layer, target_layer
