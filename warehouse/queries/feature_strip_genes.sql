-- What does the model read of the cells in which a feature's firings are kept, and where does the feature fire?
-- Columns: cell_id, position, symbol, kept, activation
WITH strip AS (
    SELECT cell_id
    FROM feature_cell
    WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER AND part IS NOT NULL
),
token AS (
    SELECT cell_id, position, gene_id, kept
    FROM cell_token
    WHERE run_id = $run_id AND cell_id IN (SELECT cell_id FROM strip)
),
fired AS (
    SELECT cell_id, position, gene_id, activation
    FROM feature_context
    WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
),
named AS (SELECT gene_id, symbol FROM gene WHERE run_id = $run_id)
SELECT cell_id, position, symbol, coalesce(kept, true) AS kept, activation
FROM token
FULL JOIN fired USING (cell_id, position)
LEFT JOIN named ON named.gene_id = coalesce(token.gene_id, fired.gene_id)
ORDER BY cell_id, position
