-- Which are the strongest edges that leave (way out) or reach (way in) some features, so many of each feature?
-- Columns: from_sae, from_feature, to_sae, to_feature, size, n_of_feature
WITH chosen AS (
    SELECT unnest($saes) AS sae_id, unnest($features)::UINTEGER AS feature
),
called AS (  -- one of the two parts is empty, and its table is not read; rows are stored by source and target
    SELECT
        source_sae AS from_sae, source_feature AS from_feature, target_sae AS to_sae, target_feature AS to_feature,
        abs(g) AS size, rowid AS place
    FROM stored.edge
    SEMI JOIN chosen ON source_sae = chosen.sae_id AND source_feature = chosen.feature
    WHERE $way = 'out'
        AND step_key IN (SELECT step_key FROM run_step WHERE run_id = $run_id)
        AND criterion = $criterion
        AND effect = $effect
        AND ($min_effect = 0 OR abs(g) >= $min_effect)
    UNION ALL
    SELECT target_sae, target_feature, source_sae, source_feature, abs(g), rowid
    FROM stored.edge
    SEMI JOIN chosen ON target_sae = chosen.sae_id AND target_feature = chosen.feature
    WHERE $way = 'in'
        AND step_key IN (SELECT step_key FROM run_step WHERE run_id = $run_id)
        AND criterion = $criterion
        AND effect = $effect
        AND ($min_effect = 0 OR abs(g) >= $min_effect)
)
SELECT
    from_sae, from_feature, to_sae, to_feature, size,
    count(*) OVER (PARTITION BY from_sae, from_feature) AS n_of_feature
FROM called
QUALIFY row_number() OVER (PARTITION BY from_sae, from_feature ORDER BY size DESC, place) <= $n_rows
ORDER BY size DESC, place
