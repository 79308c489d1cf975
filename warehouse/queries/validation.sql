-- What do the circuits predict that is known, beside its null?
-- Columns: check_name, reference, statistic, observed, null_mean, null_sd, p, n_null, n_tested, null_kind, meaning, rule, n_edges
SELECT check_name, reference, statistic, observed, null_mean, null_sd, p, n_null, n_tested, null_kind, meaning, rule, n_edges
FROM validation
WHERE run_id = $run_id
ORDER BY check_name, reference, statistic
