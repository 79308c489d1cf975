-- What do the circuits predict that is known, beside its null, and how much does each row claim?
-- Columns: check_name, reference, statistic, observed, null_mean, null_sd, p, n_null, n_tested, null_kind, meaning, level
SELECT check_name, reference, statistic, observed, null_mean, null_sd, p, n_null, n_tested, null_kind, meaning, level
FROM validation_level
WHERE run_id = $run_id
ORDER BY check_name, reference, statistic
