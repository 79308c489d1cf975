-- What do the circuits predict that is known, and what is it worth?
WITH newest AS (
    SELECT run_id FROM run WHERE NOT imported ORDER BY finished DESC LIMIT 1
)
SELECT check_name, reference, statistic, observed, null_mean, p, n_tested, meaning
FROM validation
JOIN newest USING (run_id)
ORDER BY check_name, reference, statistic
