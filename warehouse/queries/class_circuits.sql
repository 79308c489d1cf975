-- Which labelled features do edges within a class of cells join?
-- Columns: class, source_domain, target_domain, n_edges, n_sources, expected
SELECT class, source_domain, target_domain, n_edges, n_sources, expected
FROM class_circuit
WHERE run_id = $run_id
ORDER BY n_edges - expected DESC, class, source_domain, target_domain
LIMIT $n_rows
