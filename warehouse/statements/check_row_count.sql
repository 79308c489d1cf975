WITH loaded AS (
    SELECT run_id, count(*) AS n_loaded FROM batch GROUP BY run_id
),
promised AS (
    SELECT run_id, sum(n_rows) AS n_promised FROM work_unit WHERE table_name = ${table} GROUP BY run_id
)
SELECT run_id, n_loaded, n_promised
FROM loaded
FULL JOIN promised USING (run_id)
WHERE coalesce(n_loaded, 0) <> coalesce(n_promised, 0)
