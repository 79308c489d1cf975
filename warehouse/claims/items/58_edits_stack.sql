-- kind: Several features at once
-- question: Does a joint change differ from that of each member alone?
-- claim: Several features were changed together, and not the last one alone.
-- level: none
-- rule: P0
-- needs: combination_stat
-- next: Look at what one member alone does (page Interventions), and run step combine again.
--
-- A hook that writes its own clean state plus its edit undoes the edits before it: the joint effect is then that of the
-- last member, number by number, although others have effects of their own.
WITH whole AS (
    SELECT run_id, combination, max(n_members) AS size FROM combination_stat WHERE kind = 'effect' GROUP BY ALL
),
single AS (
    SELECT run_id, combination, members, target_sae, target_feature, mean::DOUBLE AS mean
    FROM combination_stat
    WHERE kind = 'effect' AND n_members = 1
),
joint AS (
    SELECT run_id, combination, target_sae, target_feature, mean::DOUBLE AS mean
    FROM combination_stat
    JOIN whole USING (run_id, combination)
    WHERE kind = 'effect' AND n_members = size AND size > 1
),
apart AS (
    SELECT single.run_id, single.combination, single.members, sum(single.mean ** 2) AS size,
        sum((coalesce(joint.mean, 0) - single.mean) ** 2) AS distance
    FROM single
    LEFT JOIN joint USING (run_id, combination, target_sae, target_feature)
    WHERE (single.run_id, single.combination) IN (SELECT (run_id, combination) FROM joint)
    GROUP BY ALL
),
judged AS (
    SELECT run_id, combination, min(sqrt(distance / nullif(size, 0))) AS nearest, count(*) FILTER (size > 0) AS n_active
    FROM apart
    GROUP BY ALL
)
SELECT
    run_id,
    'sets' AS part,
    count(*) FILTER (n_active > 1) > 0 AS sound,
    min(nearest) FILTER (n_active > 1) > 1e-4 AS passed,
    min(nearest) FILTER (n_active > 1) AS observed,
    1e-4 AS bound,
    format('in {} sets the joint effect differs from that of each member by {:.2g} of its size or more',
        count(*) FILTER (n_active > 1), coalesce(min(nearest) FILTER (n_active > 1), 0)) AS why
FROM judged
GROUP BY run_id
