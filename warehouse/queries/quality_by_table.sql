-- How many expectations of each table passed?
-- Columns: table_name, n_checks, n_failed, seconds
SELECT table_name, count(*) AS n_checks, count(*) FILTER (NOT success) AS n_failed, max(seconds) AS seconds
FROM (
    SELECT table_name, check_name, bool_and(success) AS success, max(seconds) AS seconds
    FROM quality_result
    WHERE run_id = $run_id
    GROUP BY ALL
)
GROUP BY table_name
ORDER BY table_name
