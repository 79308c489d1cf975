SELECT state, count(*) AS n
FROM parity
WHERE run_id = $$run_id
GROUP BY state
ORDER BY state
