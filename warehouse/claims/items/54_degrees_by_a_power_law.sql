-- kind: Hubs
-- question: Could the numbers of edges follow a power law, and would another law have been noticed?
-- claim: The network is scale-free.
-- level: intervention-consistent
-- rule: P6
-- needs: tail_fit.verdict, tail_fit.gof_p, tail_fit.power, tail_fit.n_tail
-- requires: zero_edit
-- next: Trace more sources: with few in the tail, a lognormal passes for a power law.
--
-- That nothing rejects a power law is evidence only where a lognormal of the same size would have been rejected.
SELECT
    run_id,
    concat_ws(', ', effect, criterion, sae_id) AS part,
    coalesce(verdict IN ('power_law', 'not_power_law'), false) AS sound,
    verdict = 'power_law' AS passed,
    gof_p AS observed,
    0.05 AS bound,
    CASE
        WHEN n_tail IS NULL THEN 'no tail to fit'
        ELSE format('tail of {} features, goodness of fit p {:.2g}; a lognormal would be noticed in {:.0f} % of cases',
            n_tail, coalesce(gof_p, 1), 100 * coalesce(power, 0))
    END AS why
FROM tail_fit
WHERE rule = 'exact' AND what = 'degree' AND criterion <> 'published'
