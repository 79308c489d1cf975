-- Which genes answer one perturbation in one line, the surest first?
-- Columns: symbol, log2_fold, se, p, q, observed, expected, published_log2, published_e1_log2
SELECT symbol, log2_fold, se, p, q, observed, expected, published_log2, published_e1_log2
FROM perturbation_response
WHERE run_id = $run_id AND line = $line AND perturbation = $perturbation
ORDER BY p, symbol
LIMIT $n_rows
