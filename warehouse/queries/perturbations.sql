-- How many features answered to each gene that was switched off in real cells?
-- Columns: gene, is_tf, n_known_targets, n_responding, n_specific, largest_effect
SELECT gene, is_tf, n_known_targets, n_responding, n_specific, max(abs(effect)) AS largest_effect
FROM perturbation_target
LEFT JOIN perturbation_feature USING (run_id, sae_id, gene)
WHERE run_id = $run_id
GROUP BY ALL
ORDER BY n_responding DESC, gene
