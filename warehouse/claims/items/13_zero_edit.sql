-- kind: Data and machinery
-- question: Does an edit of nothing change nothing?
-- claim: What an ablation changes is the ablation's doing, and not that of the hook.
-- level: none
-- rule: P0
-- needs: trace_control
-- next: Trace with controls: `trace.n_controls = 16`.
--
SELECT
    run_id,
    effect AS part,
    true AS sound,
    sum(n_edges) = 0 AND max(max_abs_effect) <= 1e-4 AS passed,
    max(max_abs_effect) AS observed,
    1e-4 AS bound,
    format('displacements of zero at {} features give {} edges and effects up to {:.3g}',
        count(*), sum(n_edges)::BIGINT, max(max_abs_effect)) AS why
FROM trace_control
WHERE control = 'zero'
GROUP BY run_id, effect
