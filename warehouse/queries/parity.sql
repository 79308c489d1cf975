-- Do the imported files say what was published?
-- Columns: state, quantity, item, published, imported, tolerance, unit, source, meaning
SELECT state, quantity, item, published, imported, tolerance, unit, source, meaning
FROM parity
WHERE run_id = $run_id
ORDER BY state DESC, quantity, item
