-- kind: Data and machinery
-- question: Did every check of the run's rows pass, with no step refused?
-- claim: The tables hold what their contracts promise.
-- level: none
-- rule: P0
-- needs: quality_result
-- next: Look at `scfm check` and the page Runs and quality, and run the study again where a step was refused.
--
SELECT
    run_id,
    'checks' AS part,
    true AS sound,
    count(*) FILTER (NOT success) = 0 AS passed,
    count(*) FILTER (NOT success) AS observed,
    0 AS bound,
    format('{} of {} checks failed', count(*) FILTER (NOT success), count(*)) AS why
FROM (  -- a check passes if it passes on the rows of every step
    SELECT run_id, table_name, check_name, bool_and(success) AS success
    FROM quality_result
    GROUP BY ALL
)
GROUP BY run_id
UNION ALL
SELECT
    run_id,
    'refused steps',
    true,
    count(step_key) = 0,
    count(step_key),
    0,
    format('{} steps were refused or withheld', count(step_key))
FROM run
LEFT JOIN refused_step USING (run_id)
GROUP BY run_id
