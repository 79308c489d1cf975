-- Where does every cell lie on the run's map?
-- Columns: cell_id, barcode, label, x, y, layer
SELECT cell_id, barcode, label, x, y, layer
FROM cell_map
JOIN cell USING (run_id, cell_id)
WHERE run_id = $run_id
ORDER BY cell_id
