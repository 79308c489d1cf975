-- Which of the predicted pairs of genes does a network list, directly or over a third gene? The strongest first.
-- Columns: source_gene, target_gene, status, n_between, score, signed_score
SELECT source_gene, target_gene, status, n_between, score, signed_score
FROM gene_pair_reference
WHERE run_id = $run_id AND reference = $reference
ORDER BY score DESC, source_gene, target_gene
LIMIT $n_rows
