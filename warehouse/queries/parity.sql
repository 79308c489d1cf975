-- Do the imported files say what was published, and does it still stand?
-- Columns: state, standing, quantity, item, published, imported, tolerance, unit, source, meaning, reason, said_by
SELECT
    state, standing, quantity, item, published, imported, tolerance, unit, source, meaning, standing_reason AS reason,
    standing_source AS said_by
FROM parity
WHERE run_id = $run_id
ORDER BY state DESC, quantity, item
