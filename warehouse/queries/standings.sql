-- Where do the published numbers of an import stand?
-- Columns: standing, numbers, quantities, reason, said_by
SELECT
    standing,
    count(*) AS numbers,
    string_agg(DISTINCT quantity, ', ' ORDER BY quantity) AS quantities,
    standing_reason AS reason,
    standing_source AS said_by
FROM published_value
WHERE run_id = $run_id
GROUP BY ALL
ORDER BY numbers DESC, standing
