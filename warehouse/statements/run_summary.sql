WITH edges AS (
    SELECT
        coalesce(sum(degree) FILTER (effect = 'total' AND criterion = 'calibrated'), 0)::BIGINT AS total_calibrated,
        coalesce(sum(degree) FILTER (effect = 'total' AND criterion = 'published'), 0)::BIGINT AS total_published,
        coalesce(sum(degree) FILTER (effect = 'direct' AND criterion = 'calibrated'), 0)::BIGINT AS direct_calibrated,
        coalesce(sum(degree) FILTER (effect = 'direct' AND criterion = 'published'), 0)::BIGINT AS direct_published
    FROM feature_degree
    WHERE run_id = $$run_id AND direction = 'out'
),
measured AS (
    SELECT
        coalesce(sum(n_pairs) FILTER (effect = 'total'), 0)::BIGINT AS total_effects,
        coalesce(sum(n_pairs) FILTER (effect = 'direct'), 0)::BIGINT AS direct_effects
    FROM layer_pair
    WHERE run_id = $$run_id
)
SELECT
    (SELECT count(*) FROM cell WHERE run_id = run.run_id AND chosen) AS cells,
    (SELECT count(*) FROM sae WHERE run_id = run.run_id AND described) AS saes,
    (SELECT count(*) FROM feature WHERE run_id = run.run_id AND alive) AS living_features,
    total_effects,
    total_calibrated,
    total_published,
    direct_effects,
    direct_calibrated,
    direct_published,
    (SELECT count(*) FROM quality_result WHERE run_id = run.run_id AND success) AS checks_passed,
    (SELECT count(*) FROM quality_result WHERE run_id = run.run_id) AS checks
FROM run, edges, measured
WHERE run_id = $$run_id
