SELECT run_id FROM main.run
UNION ALL
SELECT run_id FROM main.refused_run
ORDER BY run_id
