-- What is known of one cell?
-- Columns: barcode, label, source, split, n_counts, n_genes, n_tokens, known_share
SELECT barcode, label, source, split, n_counts, n_genes, n_tokens, known_share
FROM cell
WHERE run_id = $run_id AND cell_id = $cell::UINTEGER
