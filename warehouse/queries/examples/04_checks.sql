-- What did the quality suites check, and did it hold?
WITH newest AS (
    SELECT run_id FROM run WHERE NOT imported ORDER BY finished DESC LIMIT 1
)
SELECT table_name, count(*) AS checks, count(*) FILTER (success) AS passed, list(meaning ORDER BY check_name)[:3] AS some_of_them
FROM quality_result
JOIN newest USING (run_id)
GROUP BY table_name
ORDER BY checks DESC, table_name
