-- How many directions of one layer have a like one in another?
-- Columns: kind, from_layer, to_layer, n_matches, n_high_matches, persistence_rate, mean_cosine, match_threshold, high_match_threshold
SELECT
    kind, from_layer, to_layer, n_matches, n_high_matches, persistence_rate, mean_cosine,
    match_threshold, high_match_threshold
FROM persistence
WHERE run_id = $run_id
ORDER BY kind, from_layer, to_layer
