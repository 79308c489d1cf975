-- What did circuits predict of single genes after a knock-down, and what was measured?
-- Columns: line, source_gene, target_gene, predicted, log2_fold, q, usual_log2, agrees, known_tf_target
SELECT line, source_gene, target_gene, predicted, log2_fold, q, usual_log2, agrees, known_tf_target
FROM pair_validation
WHERE run_id = $run_id
ORDER BY abs(predicted) DESC, line, source_gene, target_gene
LIMIT $n_rows
