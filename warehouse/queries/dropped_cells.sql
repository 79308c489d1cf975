-- Which cells of the input file were not used, and why?
-- Columns: drop_reason, n_cells
SELECT drop_reason, count(*) AS n_cells
FROM cell
WHERE run_id = $run_id AND drop_reason IS NOT NULL
GROUP BY drop_reason
ORDER BY n_cells DESC, drop_reason
