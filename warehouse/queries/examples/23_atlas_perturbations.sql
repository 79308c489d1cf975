-- Published atlas: for which knocked-down genes do features respond that list the gene's known targets?
WITH newest AS (
    SELECT run_id FROM run WHERE imported ORDER BY finished DESC LIMIT 1
)
SELECT gene, is_tf, n_known_targets, n_responding, n_specific,
    string_agg(format('{} ({:.2f})', coalesce(response.label, 'unlabelled'), effect), '; ' ORDER BY rank)[:120] AS strongest
FROM perturbation_target
JOIN newest USING (run_id)
LEFT JOIN perturbation_feature AS response USING (run_id, sae_id, gene)
GROUP BY ALL
ORDER BY n_specific DESC, n_responding DESC, gene
LIMIT 20
