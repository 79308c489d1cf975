-- Which runs failed their checks? Newest first.
-- Columns: run_id, study, title, refused, n_failed, n_checks, first_failure
SELECT
    run_id,
    study,
    title,
    refused,
    count(*) FILTER (NOT success) AS n_failed,
    count(*) AS n_checks,
    first_failure
FROM refused_run
JOIN quality_result USING (run_id)
GROUP BY ALL
ORDER BY refused DESC, run_id
