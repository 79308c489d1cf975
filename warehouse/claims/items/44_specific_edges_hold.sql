-- kind: Edges
-- question: Does the rule that holds edges against other displacements leave few to control directions?
-- claim: This feature drives that one (specific rule).
-- level: intervention-consistent
-- rule: P1
-- needs: trace_control.n_specific
-- requires: zero_edit
-- next: Trace with displacements of equal size beside the ablations, and with controls (`trace.n_controls = 16`).
--
-- Specific edges that a control direction would have, over those of the feature.
WITH summed AS (
    SELECT run_id, effect, control, sum(n_specific) AS n, count(n_specific) AS n_features
    FROM trace_control
    GROUP BY ALL
)
SELECT
    run_id,
    other.effect || ', ' || replace(other.control, '_', ' ') AS part,
    ablated.n_features >= 5 AND coalesce(ablated.n, 0) >= 20 AS sound,
    other.n <= 0.05 * ablated.n AS passed,
    other.n / nullif(ablated.n, 0) AS observed,
    0.05 AS bound,
    CASE
        WHEN ablated.n_features = 0 THEN 'no rule specific was applied'
        ELSE format('{} features have {} specific edges, control directions would have {}', ablated.n_features,
            ablated.n::BIGINT, coalesce(other.n, 0)::BIGINT)
    END AS why
FROM summed AS ablated
JOIN summed AS other USING (run_id, effect)
WHERE ablated.control = 'real' AND other.control IN ('random_direction', 'covariance_matched')
