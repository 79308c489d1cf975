-- How many features of a layer, and how many genes, answer each perturbation?
-- Columns: line, perturbation, n_cells, n_control, n_tested, n_answering, least_auroc, n_genes_tested, n_genes_answering, n_known_targets, n_specific, n_published, reason
SELECT
    line, perturbation, n_cells, n_control, n_tested, n_answering, least_auroc, n_genes_tested, n_genes_answering,
    n_known_targets, n_specific, n_published, reason
FROM perturbation_answer
WHERE run_id = $run_id AND sae_id = $sae_id
ORDER BY n_answering DESC NULLS LAST, line, perturbation
