-- kind: Known biology
-- question: Do circuits rank known targets of factors above chance?
-- claim: The circuits know gene regulation.
-- level: agreement
-- rule: P1
-- needs: validation
-- next: Name a network (`references.networks`) and draw `validate.n_null = 99` or more; see why nothing was tested on
--     the page Runs and quality.
--
-- A null decides nothing that never moves, is mostly empty, or has too few draws to give p at most 0.05.
WITH drawn AS (
    SELECT run_id, statistic, null_kind, avg((value IS NULL)::INTEGER) AS empty
    FROM null_draw
    WHERE analysis = 'validation'
    GROUP BY ALL
)
SELECT
    run_id,
    concat_ws(', ', nullif(reference, 'none'), replace(statistic, '_', ' ')) AS part,
    p IS NOT NULL
        AND n_null >= 19
        AND coalesce(null_sd > 0, false)
        AND coalesce(empty, 0) <= 0.2 AS sound,
    p <= 0.05 AS passed,
    p AS observed,
    0.05 AS bound,
    CASE
        WHEN p IS NULL THEN rtrim(meaning, '.')
        ELSE format('{:.4g}, by chance {:.4g} ± {:.2g} (p {:.2g}, {} draws{})', observed, coalesce(null_mean, 0),
            coalesce(null_sd, 0), p, n_null,
            coalesce(format(', {:.0f} % of them empty', 100 * nullif(empty, 0)), ''))
    END AS why
FROM validation
LEFT JOIN drawn USING (run_id, statistic, null_kind)
WHERE check_name = 'tf_targets'
