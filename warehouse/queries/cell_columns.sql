-- What do the obs columns that the study names say of one cell?
-- Columns: column, value
SELECT key AS "column", coalesce(value, number::VARCHAR) AS value
FROM cell_obs
WHERE run_id = $run_id AND cell_id = $cell::UINTEGER AND coalesce(value, number::VARCHAR) IS NOT NULL
ORDER BY key
