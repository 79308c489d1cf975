-- Published atlas: do the imported numbers agree with the published ones?
WITH newest AS (
    SELECT run_id FROM run WHERE imported ORDER BY finished DESC LIMIT 1
)
SELECT quantity, count(*) AS numbers, count(*) FILTER (state = 'agrees') AS agree,
    count(*) FILTER (state = 'differs') AS differ, count(*) FILTER (state = 'file missing') AS file_missing,
    count(*) FILTER (state = 'not in atlas files') AS not_in_files
FROM parity
JOIN newest USING (run_id)
GROUP BY quantity
ORDER BY numbers DESC, quantity
