-- How many directions of one layer have a like one in another?
-- Columns: kind, rule, from_layer, to_layer, n_alive_from, n_matches, n_high_matches, persistence_rate, low, high, null_rate, seed_rate, mean_cosine, match_threshold, high_match_threshold
SELECT
    kind, rule, from_layer, to_layer, n_alive_from, n_matches, n_high_matches, persistence_rate, low, high,
    null_rate, seed_rate, mean_cosine, match_threshold, high_match_threshold
FROM persistence
WHERE run_id = $run_id
ORDER BY rule, kind, from_layer, to_layer
