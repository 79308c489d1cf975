-- kind: Hubs
-- question: Is a hub more than a feature that fires often?
-- claim: Hubs are central in the network.
-- level: intervention-consistent
-- rule: P3
-- needs: hub
-- next: Compare hubs with features that fire as often; degree per active position is in view hub.
--
-- The trivial reading must explain less than half of the variance of the ranks.
WITH compared AS (
    SELECT
        run_id,
        effect,
        sae_id,
        count(*) AS n,
        max(degree) AS most,
        CASE WHEN max(degree) > min(degree) AND max(frequency) > min(frequency)
            THEN corr(degree_rank, frequency_rank)
        END AS rho
    FROM hub
    WHERE criterion = 'calibrated'
    GROUP BY ALL
)
SELECT
    run_id,
    effect || ', ' || sae_id AS part,
    n >= 20 AND rho IS NOT NULL AS sound,
    rho ** 2 < 0.5 AS passed,
    rho ** 2 AS observed,
    0.5 AS bound,
    CASE
        WHEN most = 0 THEN 'no feature has an edge'
        WHEN rho IS NULL THEN 'degrees or frequencies do not differ'
        ELSE format('frequency explains {:.0f} % of the ranks of {} features by degree (rho {:.2f})',
            100 * rho ** 2, n, rho)
    END AS why
FROM compared
