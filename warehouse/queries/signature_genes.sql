-- Of which genes does the model predict most more, and most less, in late cells than in early ones?
-- Columns: symbol, early, late, difference
WITH ranked AS (
    SELECT
        symbol, early, late, difference, row_number() OVER (ORDER BY difference DESC, symbol) AS from_top,
        row_number() OVER (ORDER BY difference, symbol) AS from_bottom
    FROM signature
    JOIN gene USING (run_id, gene_id)
    WHERE run_id = $run_id
)
SELECT symbol, early, late, difference
FROM ranked
WHERE least(from_top, from_bottom) <= 10
ORDER BY difference DESC, symbol
