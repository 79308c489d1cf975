-- Do features act together as they do apart, and how many targets change more or less than the sum?
WITH newest AS (
    SELECT run_id FROM run WHERE NOT imported ORDER BY finished DESC LIMIT 1
)
SELECT combination, members, target_layer, any_value(n_cells) AS n_cells, count(*) AS targets,
    count(*) FILTER (q <= 0.05 AND mean > 0) AS more_positive, count(*) FILTER (q <= 0.05 AND mean < 0) AS more_negative
FROM combination_stat
JOIN newest USING (run_id)
WHERE
    kind = 'interaction'
    AND (run_id, combination) NOT IN (SELECT (run_id, combination) FROM combination WHERE control IS NOT NULL)
GROUP BY ALL
ORDER BY combination, members, target_layer
