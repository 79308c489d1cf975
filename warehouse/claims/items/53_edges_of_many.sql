-- kind: Hubs
-- question: Do the edges come from many features, or from one?
-- claim: What is said of edges in general is true of most features.
-- level: intervention-consistent
-- rule: P7
-- needs: feature_degree
-- next: Leave the largest source out and say again; look at where it fires (page One feature).
--
WITH owned AS (
    SELECT run_id, effect, sae_id, feature, sum(degree) AS degree
    FROM feature_degree
    WHERE direction = 'out' AND criterion = 'calibrated'
    GROUP BY ALL
)
SELECT
    run_id,
    effect || ', ' || sae_id AS part,
    count(*) FILTER (degree > 0) >= 20 AS sound,
    max(degree) <= 0.1 * sum(degree) AS passed,
    max(degree) / nullif(sum(degree), 0) AS observed,
    0.1 AS bound,
    CASE
        WHEN sum(degree) = 0 THEN 'no feature has an edge'
        ELSE format('the largest of {} features owns {:.1f} % of {} edges; as many as {:.0f} equal ones', count(*),
            100 * max(degree) / sum(degree), sum(degree)::BIGINT, sum(degree) ** 2 / sum(degree::DOUBLE ** 2))
    END AS why
FROM owned
GROUP BY run_id, effect, sae_id
