-- How many pairs of features of different layers are one direction carried on?
-- Columns: n_pairs
SELECT coalesce(sum(n_layers * (n_layers - 1) / 2), 0)::BIGINT AS n_pairs
FROM (SELECT DISTINCT life, n_layers FROM feature_life WHERE run_id = $run_id)
