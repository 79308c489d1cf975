-- Do features with many edges only have more positions at which they are ablated?
WITH newest AS (
    SELECT run_id FROM run WHERE NOT imported ORDER BY finished DESC LIMIT 1
),
tenths AS (
    SELECT effect, layer, degree, n_positions, frequency,
        ntile(10) OVER (PARTITION BY effect, sae_id ORDER BY n_positions, feature) AS tenth
    FROM hub
    JOIN newest USING (run_id)
    WHERE criterion = 'calibrated'
)
SELECT effect, layer, tenth AS tenth_by_positions, count(*) AS features, round(avg(n_positions), 1) AS mean_positions,
    round(100 * avg(frequency), 3) AS fires_percent, round(avg(degree), 1) AS mean_edges, max(degree) AS most_edges
FROM tenths
GROUP BY ALL
ORDER BY effect DESC, layer, tenth
