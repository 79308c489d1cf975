-- Do edges stay within a type of cells more in these cells than in another study's?
-- Columns: other, source_sae, class, own_cells, their_cells, n_sources, n_targets, own, theirs, difference, expected, sd, p, q, p_exchanged, p_sources, reason
SELECT
    other, source_sae, class, own_cells, their_cells, n_sources, n_targets, own, theirs, difference, expected, sd, p, q,
    p_exchanged, p_sources, reason
FROM class_contrast
WHERE run_id = $run_id
ORDER BY q NULLS LAST, p, other, source_sae, class
