-- kind: Interventions
-- question: Does taking a feature out change predictions of its targets more than a displacement in any direction does?
-- claim: Features act on what the model predicts of their genes.
-- level: intervention-consistent
-- rule: P1
-- needs: causal_patch.p_direction, causal_patch_summary.control_called_share
-- next: Run step patching on more features and cells (`patching.n_features`, `patching.n_cells`).
--
-- Exact binomial tail, one-sided: features beyond nineteen of twenty directions, where one in twenty is there by chance.
WITH counted AS (
    SELECT
        run_id,
        sae_id,
        target_kind,
        count(*) AS n,
        count(*) FILTER (p_direction <= 0.05) AS n_beyond,
        avg((p <= 0.05)::INTEGER) AS called
    FROM causal_patch
    WHERE rule = 'paired' AND p_direction IS NOT NULL
    GROUP BY ALL
),
tested AS (
    SELECT *, binomial_tail(n_beyond, n, 0.05) AS p FROM counted
)
SELECT
    run_id,
    sae_id || ', targets ' || target_kind AS part,
    n >= 10 AS sound,
    p <= 0.05 AS passed,
    p AS observed,
    0.05 AS bound,
    format('{} of {} features beyond nineteen of twenty directions (p {:.2g}); sign flips call {:.0f} % of the features '
        'and {:.0f} % of directions that mean nothing', n_beyond, n, p, 100 * called, 100 * control_called_share) AS why
FROM tested
LEFT JOIN (
    SELECT run_id, sae_id, target_kind, control_called_share
    FROM causal_patch_summary
    WHERE rule = 'paired'
) USING (run_id, sae_id, target_kind)
