-- How far do cells move when a gene is switched off, by equally many cells?
-- Columns: line, perturbation, gene, distance, sd, p, n_drawn, n_usable, n_cells, reason
SELECT line, perturbation, gene, distance, sd, p, n_drawn, n_usable, n_cells, reason
FROM perturbation_shift
WHERE run_id = $run_id
ORDER BY distance DESC NULLS LAST, line, perturbation
