-- How do features of a layer spread over shares of their direction in the first axes, beside random directions?
-- Columns: rank, lower, upper, n_features, n_expected, n_matched
SELECT counts.rank, counts.lower, counts.upper, counts.n_features, counts.n_expected, counts.n_matched
FROM subspace_histogram AS counts
JOIN sae USING (run_id, sae_id)
WHERE run_id = $run_id AND layer = $layer
ORDER BY counts.rank, counts.bin
