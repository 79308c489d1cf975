-- kind: Known biology
-- question: Do circuits say what rises after a knock-down, against both nulls?
-- claim: Editing the model predicts what a knock-down does to cells.
-- level: intervention-consistent
-- rule: P1
-- needs: validation
-- next: Name signatures of knock-downs: `references.signatures`.
--
-- Genes matched by mean expression, and lists swapped between features: both must fall.
SELECT
    run_id,
    concat_ws(', ', nullif(reference, 'none'), replace(statistic, '_', ' ')) AS part,
    p IS NOT NULL AND n_null >= 19 AND coalesce(null_sd > 0, false) AS sound,
    p <= 0.05 AS passed,
    p AS observed,
    0.05 AS bound,
    CASE
        WHEN p IS NULL THEN rtrim(meaning, '.')
        ELSE format('{:.4g}, by chance {:.4g} ± {:.2g} (p {:.2g}, {} draws)',
            observed, coalesce(null_mean, 0), coalesce(null_sd, 0), p, n_null)
    END AS why
FROM validation
WHERE check_name = 'perturbation'
