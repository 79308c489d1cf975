-- kind: Cell types and labels
-- question: Do read-outs know a place on the trajectory that the cell type does not give away?
-- claim: The model knows the order of development.
-- level: decoding
-- rule: P3
-- needs: probe, steering_cell, cell
-- next: Look at cells of one type, or of types that each span the whole trajectory: a code for each type, at random,
--     passes any test of order between types.
--
-- A read-out must beat every read-out of shuffled pseudotimes, and cell type must explain less than half of the
-- variance of pseudotime: otherwise it may have learned types, and the order follows from their names.
WITH placed AS (
    SELECT
        run_id, pseudotime, label, avg(pseudotime) OVER (PARTITION BY run_id) AS middle,
        avg(pseudotime) OVER (PARTITION BY run_id, label) AS of_label
    FROM steering_cell
    JOIN cell USING (run_id, cell_id)
    WHERE fits
),
explained AS (
    SELECT
        run_id,
        count(label) AS n_labelled,
        sum((of_label - middle) ** 2) / nullif(sum((pseudotime - middle) ** 2), 0) AS share
    FROM placed
    GROUP BY run_id
)
SELECT
    run_id,
    readout AS part,
    value IS NOT NULL AND null_high IS NOT NULL AND n_labelled > 0 AND share IS NOT NULL AS sound,
    value > null_high AND share < 0.5 AS passed,
    value AS observed,
    null_high AS bound,
    CASE
        WHEN n_labelled = 0 THEN 'the cells have no labels, which could give the order away'
        ELSE format('{} {:.2f} in cells of other folds, at most {:.2f} with pseudotimes shuffled; cell type explains '
            '{:.0f} % of pseudotime', metric, coalesce(value, 0), coalesce(null_high, 0), 100 * coalesce(share, 0))
    END AS why
FROM probe
JOIN explained USING (run_id)
