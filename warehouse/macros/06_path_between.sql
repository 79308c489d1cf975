-- Two steps forward from the source and two backward from the target meet in the middle: no walk goes further.
CREATE OR REPLACE MACRO path_between(
    from_sae, from_feature, to_sae, to_feature, hops := 4, most := 20, rule := NULL, kind := 'total'
) AS TABLE
WITH called AS NOT MATERIALIZED (
    SELECT
        source_sae, source_feature, source_layer, target_sae, target_feature, target_layer,
        abs(g) AS size, sign,
        'L' || source_layer || '_F' || source_feature AS source_name,
        'L' || target_layer || '_F' || target_feature AS target_name
    FROM edge
    WHERE run_id = run_of(from_sae) AND criterion = coalesce(rule, rule_of(run_of(from_sae))) AND effect = kind
),
goal AS (
    SELECT any_value(layer) AS layer FROM sae WHERE run_id = run_of(from_sae) AND sae_id = to_sae
),
forward_1 AS (
    SELECT
        target_sae AS sae_id, target_feature AS feature, target_layer AS layer,
        source_name || ' > ' || target_name AS path, size AS weakest, sign::INTEGER AS sign
    FROM called
    WHERE source_sae = from_sae AND source_feature = from_feature::UINTEGER
),
forward_2 AS (
    SELECT
        called.target_sae AS sae_id, called.target_feature AS feature, called.target_layer AS layer,
        path || ' > ' || target_name AS path, least(weakest, size) AS weakest, forward_1.sign * called.sign AS sign
    FROM forward_1
    JOIN called ON called.source_sae = sae_id AND called.source_feature = feature
    WHERE called.target_layer < (SELECT layer FROM goal)
),
backward_1 AS (
    SELECT
        source_sae AS sae_id, source_feature AS feature, source_layer AS layer,
        target_name AS path, size AS weakest, sign::INTEGER AS sign
    FROM called
    WHERE target_sae = to_sae AND target_feature = to_feature::UINTEGER
),
backward_2 AS (
    SELECT
        called.source_sae AS sae_id, called.source_feature AS feature, called.source_layer AS layer,
        target_name || ' > ' || path AS path, least(weakest, size) AS weakest, backward_1.sign * called.sign AS sign
    FROM backward_1
    JOIN called ON called.target_sae = sae_id AND called.target_feature = feature
),
found AS (
    SELECT 1 AS n_hops, path, weakest, sign FROM forward_1 WHERE sae_id = to_sae AND feature = to_feature::UINTEGER
    UNION ALL
    SELECT 2, ahead.path || ' > ' || behind.path, least(ahead.weakest, behind.weakest), ahead.sign * behind.sign
    FROM forward_1 AS ahead
    JOIN backward_1 AS behind USING (sae_id, feature)
    UNION ALL
    SELECT 3, ahead.path || ' > ' || behind.path, least(ahead.weakest, behind.weakest), ahead.sign * behind.sign
    FROM forward_2 AS ahead
    JOIN backward_1 AS behind USING (sae_id, feature)
    UNION ALL
    SELECT 4, ahead.path || ' > ' || behind.path, least(ahead.weakest, behind.weakest), ahead.sign * behind.sign
    FROM forward_2 AS ahead
    JOIN backward_2 AS behind USING (sae_id, feature)
)
SELECT n_hops, path, weakest AS weakest_g, sign
FROM found
WHERE n_hops <= hops
ORDER BY n_hops, weakest DESC, path
LIMIT most;
COMMENT ON MACRO TABLE path_between IS 'Chains of up to 4 edges from one feature to another, shortest first, then by their weakest |g|; sign is the product of the edges'' signs: path_between(from_sae, from_feature, to_sae, to_feature, hops := 4, most := 20, rule := NULL, kind := ''total''); NULL takes rule_of of the run.';
