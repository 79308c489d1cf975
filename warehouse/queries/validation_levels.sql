-- How much can each row of validation claim in this run, and does it hold?
-- Columns: level, holds, check_name, reference, statistic, observed, null_mean, p, meaning
SELECT level, holds, check_name, reference, statistic, observed, null_mean, p, meaning
FROM validation_level
WHERE run_id = $run_id
ORDER BY check_name, reference, statistic
