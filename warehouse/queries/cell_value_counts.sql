-- How many cells have each value of a column, by what became of them? The n_rows values of most used cells.
-- Columns: value, fate, n_cells, n_of_fate, n_values
WITH counted AS (
    SELECT
        coalesce(value, 'no value') AS value,
        CASE WHEN chosen THEN split ELSE drop_reason END AS fate,
        count(*) AS n_cells,
        count(*) FILTER (chosen) AS n_used
    FROM cell_value
    JOIN cell USING (run_id, cell_id)
    WHERE run_id = $run_id AND origin = $origin AND key = $key
    GROUP BY ALL
),
ranked AS (
    SELECT
        value, count(*) OVER () AS n_values,
        row_number() OVER (ORDER BY sum(n_used) DESC, sum(n_cells) DESC, value) AS place
    FROM counted
    GROUP BY value
),
shared AS (
    SELECT value, fate, n_cells, sum(n_cells) OVER (PARTITION BY fate)::BIGINT AS n_of_fate
    FROM counted
)
SELECT value, fate, n_cells, n_of_fate, n_values
FROM shared
JOIN ranked USING (value)
WHERE place <= $n_rows
ORDER BY place, fate
