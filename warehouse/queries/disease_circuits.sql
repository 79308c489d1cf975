-- Do edges join two features of one disease more often than chance has it?
-- Columns: library, disease, n_sources, n_targets, n_edges, expected_matched, p_matched, q_matched, expected_rewired, p_rewired, q_rewired, changed, reason
SELECT
    library, disease, n_sources, n_targets, n_edges, expected_matched, p_matched, q_matched, expected_rewired,
    p_rewired, q_rewired, changed, reason
FROM disease_circuit
WHERE run_id = $run_id
ORDER BY greatest(q_matched, q_rewired) NULLS LAST, p_matched, n_edges DESC, library, disease
