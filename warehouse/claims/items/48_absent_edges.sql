-- kind: Edges
-- question: Would an effect have been found where no edge is called?
-- claim: Features without an edge do not act on each other.
-- level: intervention-consistent
-- rule: P6
-- needs: edge_stat
-- next: Trace more cells (`trace.n_cells = 400`): with few, an interval of the effect always holds effects that matter.
--
-- Equivalence: pairs that are no edge need a 95 % interval of g within -0.2 and 0.2. A planted effect that is found is
-- the other half of this evidence, and no table keeps one: the claim stays open whatever the intervals say.
WITH other AS (
    SELECT run_id, effect, n_cells, abs(g) + 1.96 * sqrt(1 / n_cells + g * g / (2.0 * n_cells)) AS furthest
    FROM edge_stat
    JOIN criterion USING (run_id)
    WHERE criterion = 'calibrated' AND n_cells > 1 AND NOT (abs(g) > effect_min AND q <= q_max)
)
SELECT
    run_id,
    effect AS part,
    false AS sound,
    NULL AS passed,
    avg((furthest <= 0.2)::INTEGER) AS observed,
    0.8 AS bound,
    format('of {} pairs without an edge, {:.1f} % have an interval within -0.2 and 0.2 (median of {} cells); '
        || 'no planted effect was traced', count(*), 100 * avg((furthest <= 0.2)::INTEGER), median(n_cells)::INTEGER)
        AS why
FROM other
GROUP BY run_id, effect
