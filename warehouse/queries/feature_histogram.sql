-- How strong is a feature where it fires?
-- Columns: bin, lower, upper, n
SELECT bin, lower, upper, n
FROM feature_histogram
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
ORDER BY bin
