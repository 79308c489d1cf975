-- kind: Edges
-- question: Does a feature make more edges than a displacement of equal size in any direction?
-- claim: Features are what the next layers listen to.
-- level: intervention-consistent
-- rule: P1
-- needs: trace_control
-- requires: zero_edit
-- next: Trace with more controls (`trace.n_controls`); where the answer is no, use edges of a rule that is held against
--     control directions.
--
-- Sign test over features, exact, one-sided: of those where the two differ, how often the feature makes more edges.
WITH paired AS (
    SELECT ablated.run_id, ablated.effect, other.control, ablated.n_edges AS own, other.n_edges AS of_control
    FROM trace_control AS ablated
    JOIN trace_control AS other USING (run_id, effect, source_sae, source_feature)
    WHERE ablated.control = 'real' AND other.control IN ('random_direction', 'covariance_matched')
),
counted AS (
    SELECT
        run_id,
        effect,
        control,
        sum(own)::BIGINT AS own,
        sum(of_control)::BIGINT AS of_control,
        count(*) FILTER (own > of_control) AS n_more,
        count(*) FILTER (own <> of_control) AS n
    FROM paired
    GROUP BY ALL
),
tested AS (
    SELECT *, binomial_tail(n_more, n, 0.5) AS p FROM counted
)
SELECT
    run_id,
    effect || ', ' || replace(control, '_', ' ') AS part,
    n >= 5 AS sound,
    p <= 0.05 AS passed,
    p AS observed,
    0.05 AS bound,
    format('{} edges, the control {}; the feature makes more in {} of {} (p {:.2g})',
        own, of_control, n_more, n, coalesce(p, 1)) AS why
FROM tested
