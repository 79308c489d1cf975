-- How are the numbers of a column spread over cells, by what became of them? At most n_bins stretches, of one length or ratio.
-- Columns: low, high, fate, n_cells, n_of_fate, n_left
WITH cells AS (
    SELECT
        CASE WHEN chosen THEN split ELSE drop_reason END AS fate,
        CASE WHEN isfinite(number) AND (number > 0 OR NOT $logarithmic) THEN number END AS number
    FROM cell_value
    JOIN cell USING (run_id, cell_id)
    WHERE run_id = $run_id AND origin = $origin AND key = $key
),
known AS (
    SELECT fate, number, CASE WHEN $logarithmic THEN log10(number) ELSE number END AS spot
    FROM cells
    WHERE number IS NOT NULL
),
ends AS (
    SELECT min(spot) AS least, max(spot) AS most, bool_and(number = floor(number)) AND NOT $logarithmic AS whole
    FROM known
),
steps AS (  -- of whole numbers, each stretch holds equally many: none is higher than its neighbours for that alone
    SELECT
        CASE WHEN whole THEN least - 0.5 ELSE least END AS first,
        CASE
            WHEN whole THEN ceil((most - least + 1) / $n_bins)
            WHEN most > least THEN (most - least) / $n_bins
            ELSE 1.0
        END AS step,
        CASE WHEN whole THEN ceil((most - least + 1) / step) WHEN most > least THEN $n_bins ELSE 1 END::INTEGER AS n
    FROM ends
    WHERE least IS NOT NULL
),
stretches AS (
    SELECT first, step, n, unnest(range(n)) AS bin FROM steps
),
placed AS (
    SELECT fate, least(floor((spot - first) / step), n - 1)::BIGINT AS bin, count(*) AS n_cells
    FROM known, steps
    GROUP BY ALL
),
fates AS (
    SELECT fate, count(*) AS n_of_fate FROM known GROUP BY fate
)
SELECT
    CASE WHEN $logarithmic THEN pow(10, first + bin * step) ELSE first + bin * step END AS low,
    CASE WHEN $logarithmic THEN pow(10, first + (bin + 1) * step) ELSE first + (bin + 1) * step END AS high,
    fate, coalesce(n_cells, 0) AS n_cells, n_of_fate, (SELECT count(*) FILTER (number IS NULL) FROM cells) AS n_left
FROM stretches
CROSS JOIN fates
LEFT JOIN placed USING (fate, bin)
ORDER BY bin, fate
