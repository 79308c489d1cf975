-- How large must an effect be to be called among so many tests, and can any test be called at all?
-- Columns: target_layer, n_cases, n_pairs, n_tests, q_max, t_bonferroni, d_bonferroni, n_called, d_called, p_smallest, min_rejections, n_at_smallest
SELECT
    target.layer AS target_layer, found.n_cases, found.n_pairs, found.n_tests, found.q_max, found.t_bonferroni,
    found.d_bonferroni, found.n_called, found.d_called, found.p_smallest, found.min_rejections, found.n_at_smallest
FROM fdr_threshold AS found
JOIN sae AS target ON target.run_id = found.run_id AND target.sae_id = found.target_sae
WHERE found.run_id = $run_id AND found.source_sae = $source_sae
ORDER BY target_layer, found.target_sae, found.n_cases
