-- Published atlas: which terms annotate most features, and in how many layers?
WITH newest AS (
    SELECT run_id FROM run WHERE imported ORDER BY finished DESC LIMIT 1
)
SELECT library, term, count(DISTINCT (sae_id, feature)) AS features, count(DISTINCT sae_id) AS layers,
    min(q) AS smallest_q, max(n_overlap) AS largest_overlap
FROM annotation
JOIN newest USING (run_id)
GROUP BY ALL
ORDER BY features DESC, term
LIMIT 20
