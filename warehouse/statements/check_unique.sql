SELECT ${columns}, count(*) AS n_rows
FROM batch
GROUP BY ALL
HAVING count(*) > 1
