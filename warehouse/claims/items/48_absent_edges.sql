-- kind: Edges
-- question: Would an effect have been found where no edge is called?
-- claim: Features without an edge do not act on each other.
-- level: intervention-consistent
-- rule: P6
-- needs: layer_pair.n_absent
-- next: Trace more cells (`trace.n_cells = 400`): with few, an interval of the effect always holds effects that matter.
--
-- Equivalence: pairs that are no edge need a 95 % interval of g within -0.2 and 0.2. A planted effect that is found is
-- the other half of this evidence, and no table keeps one: the claim stays open whatever the intervals say.
SELECT
    run_id,
    effect AS part,
    false AS sound,
    NULL AS passed,
    sum(n_near_zero) / sum(n_absent) AS observed,
    0.8 AS bound,
    format('of {} pairs without an edge, {:.1f} % have an interval within -0.2 and 0.2 (mean of {:.0f} cells); '
        || 'no planted effect was traced', sum(n_absent)::BIGINT, 100 * sum(n_near_zero) / sum(n_absent),
        sum(absent_cells) / sum(n_absent)) AS why
FROM layer_pair
GROUP BY run_id, effect
HAVING sum(n_absent) > 0
