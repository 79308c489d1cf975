-- kind: Edges
-- question: Do effects agree in sign across cells more often than with signs flipped?
-- claim: Switching a feature off does something to its targets.
-- level: intervention-consistent
-- rule: P1
-- needs: null_feature
-- requires: zero_edit
-- next: Trace more cells (`trace.n_cells`) with `trace.null_flips = 19` or more.
--
SELECT
    run_id,
    effect || ', ' || criterion AS part,
    min(n_perm) >= 19 AND sum(observed) > 0 AS sound,
    sum(expected_null) <= 0.05 * sum(observed) AS passed,
    sum(expected_null) / nullif(sum(observed), 0) AS observed,
    0.05 AS bound,
    format('{} pairs pass, {:.3g} with signs flipped', sum(observed)::BIGINT, sum(expected_null)) AS why
FROM null_feature
GROUP BY run_id, effect, criterion
