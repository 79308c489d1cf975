-- kind: Cell types and labels
-- question: Do called types have ten cells or more, and were cells counted, not positions?
-- claim: Enrichment is counted in cells.
-- level: decoding
-- rule: P4
-- needs: feature_cell_type, cell_type
-- next: Set `describe.min_cells = 10` or more, and look at types by their number of cells.
--
WITH available AS (
    SELECT run_id, count(*) AS n FROM cell WHERE chosen GROUP BY run_id
),
counted AS (
    SELECT run_id, sae_id, sum(n_cells) AS n FROM cell_type GROUP BY ALL
),
called AS (
    SELECT
        run_id,
        sae_id,
        count(*) AS n,
        count(*) FILTER (n_cells < 10) AS n_small,
        min(n_cells) AS fewest
    FROM feature_cell_type
    WHERE coalesce(called, significant)
    GROUP BY ALL
)
SELECT
    called.run_id,
    called.sae_id AS part,
    true AS sound,
    n_small = 0 AND counted.n <= coalesce(available.n, counted.n) AS passed,
    fewest AS observed,
    10 AS bound,
    format('{} of {} called types have fewer than ten cells (fewest: {}); {} cells counted of {}',
        n_small, called.n, fewest, counted.n::BIGINT, coalesce(available.n::VARCHAR, 'an unknown number')) AS why
FROM called
JOIN counted USING (run_id, sae_id)
LEFT JOIN available ON available.run_id = called.run_id
