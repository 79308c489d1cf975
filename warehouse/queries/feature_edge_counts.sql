-- How many edges leave and reach a feature, by kind of effect and rule?
-- Columns: effect, criterion, n_edges_out, n_edges_in
SELECT
    effect,
    criterion,
    sum(degree) FILTER (direction = 'out')::BIGINT AS n_edges_out,
    sum(degree) FILTER (direction = 'in')::BIGINT AS n_edges_in
FROM feature_degree
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
GROUP BY ALL
ORDER BY effect DESC, criterion
