-- What was switched off in the cells of a screen, and did the gene itself fall?
-- Columns: line, perturbation, gene, n_genes, n_cells, n_unmatched, n_guides, n_batches, n_control, n_measured, n_responding, on_target_log2, on_target_se, on_target_p, reason
SELECT
    line, perturbation, gene, n_genes, n_cells, n_unmatched, n_guides, n_batches, n_control, n_measured, n_responding,
    on_target_log2, on_target_se, on_target_p, reason
FROM perturbation
WHERE run_id = $run_id
ORDER BY n_responding DESC NULLS LAST, line, perturbation
