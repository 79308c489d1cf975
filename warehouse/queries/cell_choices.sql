-- Which cells can be looked at: those in which most features have firings kept first, and the one that is asked for?
-- Columns: cell_id, barcode, label, n_features
WITH kept AS (
    SELECT cell_id, count(*) AS n_features
    FROM feature_cell
    WHERE run_id = $run_id AND part IS NOT NULL
    GROUP BY cell_id
)
SELECT cell_id, barcode, label, coalesce(n_features, 0) AS n_features
FROM cell
LEFT JOIN kept USING (cell_id)
WHERE run_id = $run_id AND chosen
QUALIFY row_number() OVER (ORDER BY n_features DESC, cell_id) <= $n_rows OR cell_id = try_cast($cell AS UINTEGER)
ORDER BY n_features DESC, cell_id
