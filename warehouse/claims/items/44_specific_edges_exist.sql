-- kind: Edges
-- question: Are there edges that exceed what control directions do to the same target?
-- claim: This feature drives that one (specific rule).
-- level: intervention-consistent
-- rule: P1
-- needs: edge, layer_pair
-- requires: zero_edit
-- next: Trace with controls for each source, and call edges by the criterion specific.
--
WITH called AS (
    SELECT run_id, effect, criterion, count(*) AS n FROM edge GROUP BY ALL
)
SELECT
    run_id,
    own.effect AS part,
    rules.q_max IS NOT NULL AS sound,
    own.n > 0 AND rules.q_max <= 0.05 AS passed,
    own.n AS observed,
    1 AS bound,
    format('{} specific edges, {} calibrated ones; q at most {}', own.n, coalesce(other.n, 0), rules.q_max) AS why
FROM called AS own
JOIN criterion AS rules USING (run_id, criterion)
LEFT JOIN (SELECT * FROM called WHERE criterion = 'calibrated') AS other USING (run_id, effect)
WHERE own.criterion = 'specific'
