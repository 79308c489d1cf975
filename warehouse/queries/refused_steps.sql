-- Which steps of which runs failed their checks, or were withheld because of such a step? Newest first.
-- Columns: run_id, study, title, step, layer, step_key, withheld, refused, n_failed, n_checks, first_failure
WITH report AS (
    SELECT run_id, count(*) FILTER (NOT success) AS n_failed, count(*) AS n_checks
    FROM quality_result
    WHERE step_key = run_id
    GROUP BY run_id
)
SELECT run_id, study, title, step, layer, step_key, withheld, refused, n_failed, n_checks, first_failure
FROM refused_step
JOIN report USING (run_id)
ORDER BY refused DESC, run_id, withheld, step, layer, step_key
