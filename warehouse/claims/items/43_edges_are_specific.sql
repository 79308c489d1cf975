-- kind: Edges
-- question: Is a called edge this feature's own, or would anything of that size make it?
-- claim: This feature drives that one (calibrated rule).
-- level: intervention-consistent
-- rule: P1
-- needs: trace_control
-- requires: zero_edit
-- next: Do not read single calibrated edges as the feature's own: use a rule that is held against control directions
--     (criterion specific), where the run has one.
--
-- Edges that a control direction makes, over those of the feature: an estimate of the share that is nobody's own.
WITH summed AS (
    SELECT
        run_id,
        effect,
        control,
        sum(n_edges) AS n,
        count(*) AS n_features
    FROM trace_control
    GROUP BY ALL
)
SELECT
    run_id,
    other.effect || ', ' || replace(other.control, '_', ' ') AS part,
    ablated.n >= 20 AND ablated.n_features >= 5 AS sound,
    other.n <= 0.05 * ablated.n AS passed,
    other.n / nullif(ablated.n, 0) AS observed,
    0.05 AS bound,
    format('{} features make {} edges, control directions {} ({:.0f} %)', ablated.n_features, ablated.n::BIGINT,
        other.n::BIGINT, 100 * coalesce(other.n / nullif(ablated.n, 0), 0)) AS why
FROM summed AS ablated
JOIN summed AS other USING (run_id, effect)
WHERE ablated.control = 'real' AND other.control IN ('random_direction', 'covariance_matched')
