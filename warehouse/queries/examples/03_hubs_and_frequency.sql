-- Which features have most edges, and how often do they fire?
WITH newest AS (
    SELECT run_id FROM run WHERE NOT imported ORDER BY finished DESC LIMIT 1
)
SELECT layer, feature, degree, degree_rank, round(100 * frequency, 3) AS fires_percent, frequency_rank, top_genes, label
FROM hub
JOIN newest USING (run_id)
WHERE criterion = 'calibrated' AND effect = 'total'
ORDER BY degree DESC, layer, feature
LIMIT 20
