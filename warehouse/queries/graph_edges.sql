-- Which edges join some features with each other, strongest first, and by which rules are they called?
-- Columns: source_sae, source_layer, source_feature, target_sae, target_layer, target_feature, n_cells, mean, d, g, q, sign, excess, q_specific, calibrated, specific, carried_on, n_matching
WITH chosen AS (
    SELECT unnest($saes) AS sae_id, unnest($features)::UINTEGER AS feature
),
rows AS MATERIALIZED (  -- by narrow columns alone; a pair has a row for each rule that calls it
    SELECT rowid AS place, criterion, source_sae, source_feature, target_sae, target_feature
    FROM stored.edge
    SEMI JOIN chosen AS sources ON source_feature = sources.feature AND source_sae = sources.sae_id
    SEMI JOIN chosen AS targets ON target_feature = targets.feature AND target_sae = targets.sae_id
    WHERE step_key IN (SELECT step_key FROM run_step WHERE run_id = $run_id)
        AND criterion IN ($criterion, 'calibrated', 'specific')
        AND effect = $effect
        AND ($min_effect = 0 OR abs(g) >= $min_effect)
),
pairs AS MATERIALIZED (
    SELECT
        any_value(place) FILTER (criterion = $criterion) AS place,
        bool_or(criterion = 'calibrated') AS calibrated,
        bool_or(criterion = 'specific') AS specific
    FROM rows
    GROUP BY source_sae, source_feature, target_sae, target_feature
    HAVING bool_or(criterion = $criterion)
),
found AS (
    SELECT
        rowid AS place, source_sae, source_layer, source_feature, target_sae, target_layer, target_feature, n_cells, mean,
        d, g, q, sign, excess, q_specific
    FROM stored.edge
    WHERE rowid IN (SELECT place FROM pairs)
)
SELECT
    source_sae, source_layer, source_feature, target_sae, target_layer, target_feature, n_cells, mean, d, g, q, sign,
    excess, q_specific, calibrated, specific, before.life = after.life AS carried_on, count(*) OVER () AS n_matching
FROM found
JOIN pairs USING (place)
LEFT JOIN feature_life AS before
    ON before.run_id = $run_id AND before.sae_id = source_sae AND before.feature = source_feature
LEFT JOIN feature_life AS after
    ON after.run_id = $run_id AND after.sae_id = target_sae AND after.feature = target_feature
ORDER BY abs(g) DESC, source_sae, source_feature, target_sae, target_feature
LIMIT $n_rows
