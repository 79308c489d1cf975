-- How many cells of each type were used, and how were they split?
WITH newest AS (
    SELECT run_id FROM run WHERE NOT imported ORDER BY finished DESC LIMIT 1
)
SELECT coalesce(label, 'no label') AS label, count(*) FILTER (split = 'train') AS train,
    count(*) FILTER (split = 'heldout') AS heldout, round(avg(n_tokens)) AS mean_tokens
FROM cell
JOIN newest USING (run_id)
WHERE chosen
GROUP BY ALL
ORDER BY train + heldout DESC, label
