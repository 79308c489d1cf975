-- What does the model read of one cell, in its order, and where does a feature fire?
-- Columns: position, symbol, kept, activation
SELECT position, symbol, kept, activation
FROM cell_token
LEFT JOIN gene USING (run_id, gene_id)
LEFT JOIN (
    SELECT cell_id, position, activation
    FROM feature_context
    WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
) USING (cell_id, position)
WHERE run_id = $run_id AND cell_id = $cell::UINTEGER
ORDER BY position
