-- How many edges do ablations give, compared with their controls?
WITH newest AS (
    SELECT run_id FROM run WHERE NOT imported ORDER BY finished DESC LIMIT 1
)
SELECT effect, source_layer, control, count(*) AS features, round(avg(n_edges), 1) AS mean_edges, max(n_edges) AS most_edges,
    avg(mean_abs_effect) AS mean_abs_effect
FROM trace_control
JOIN newest USING (run_id)
GROUP BY ALL
ORDER BY effect DESC, source_layer, mean_edges DESC, control
