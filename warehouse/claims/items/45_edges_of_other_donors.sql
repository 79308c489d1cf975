-- kind: Edges
-- question: Do edges hold with donors as the unit?
-- claim: Edges are found in people (or animals) who were not traced.
-- level: intervention-consistent
-- rule: P4
-- needs: layer_pair
-- requires: zero_edit
-- next: Trace cells of six donors or more, and keep their column: `cells.obs = ["donor"]`, `labels.donor = "donor"`.
--
-- Flipping signs of cells takes cells of one donor for independent, which rejects true nulls far too often. Here
-- calibrated edges of up to fifty sources are tested again: Student's t over means of donors, zeros included,
-- two-sided. Four of five must hold.
WITH traced AS (
    SELECT DISTINCT run_id FROM layer_pair
),
donor AS (
    SELECT run_id, cell_id, value AS donor
    FROM cell_obs
    JOIN run USING (run_id)
    WHERE value IS NOT NULL AND key = coalesce(TRY(json_extract_string(study_json, '$.labels.donor')), 'donor')
),
sources AS (
    SELECT run_id, source_sae, source_feature
    FROM (
        SELECT DISTINCT run_id, source_sae, source_feature
        FROM edge
        SEMI JOIN donor USING (run_id) -- here: runs without donors have no edge read
        WHERE criterion = 'calibrated'
    )
    QUALIFY row_number() OVER (
        PARTITION BY run_id ORDER BY source_feature::BIGINT * 7919 % 104729, source_sae, source_feature
    ) <= 50
),
tested AS (
    SELECT run_id, effect, source_sae, source_feature, target_sae, target_feature
    FROM edge
    SEMI JOIN sources USING (run_id, source_sae, source_feature)
    WHERE criterion = 'calibrated'
),
active AS (
    SELECT run_id, source_sae, source_feature, donor, count(*) AS n
    FROM trace_pair
    JOIN donor USING (run_id, cell_id)
    SEMI JOIN sources USING (run_id, source_sae, source_feature)
    GROUP BY ALL
),
changed AS (
    SELECT run_id, effect, source_sae, source_feature, target_sae, donor, unnest(targets) AS target_feature,
        unnest(deltas)::DOUBLE AS delta
    FROM effect_cell
    JOIN donor USING (run_id, cell_id)
    SEMI JOIN sources USING (run_id, source_sae, source_feature)
),
summed AS (
    SELECT * EXCLUDE (delta), sum(delta) AS delta
    FROM changed
    SEMI JOIN tested USING (run_id, effect, source_sae, source_feature, target_sae, target_feature)
    GROUP BY ALL
),
by_edge AS (
    SELECT
        tested.run_id,
        tested.effect,
        count(*) AS n,
        abs(avg(coalesce(delta, 0) / n)) * sqrt(count(*)) / nullif(stddev_samp(coalesce(delta, 0) / n), 0) AS t
    FROM tested
    JOIN active USING (run_id, source_sae, source_feature)
    LEFT JOIN summed USING (run_id, effect, source_sae, source_feature, target_sae, target_feature, donor)
    GROUP BY tested.run_id, tested.effect, tested.source_sae, tested.source_feature, tested.target_sae,
        tested.target_feature
),
judged AS (
    SELECT *, t > 1.96 + 2.372 / (n - 1) + 2.823 / (n - 1) ** 2 + 2.556 / (n - 1) ** 3 AS holds
    FROM by_edge
)
SELECT
    run_id,
    effect AS part,
    count(*) FILTER (n >= 6) >= 20 AS sound,
    avg(coalesce(holds, false)::INTEGER) FILTER (n >= 6) >= 0.8 AS passed,
    avg(coalesce(holds, false)::INTEGER) FILTER (n >= 6) AS observed,
    0.8 AS bound,
    CASE
        WHEN max(n) < 6 THEN format('{} donors, of at least six', max(n))
        ELSE format('{} of {} edges hold over up to {} donors', count(*) FILTER (n >= 6 AND holds),
            count(*) FILTER (n >= 6), max(n))
    END AS why
FROM judged
GROUP BY run_id, effect
UNION ALL
SELECT
    run_id,
    'units',
    false,
    NULL,
    count(DISTINCT donor),
    6,
    CASE
        WHEN count(donor) = 0 THEN 'the study names no donors: edges hold of these cells, and of these alone'
        ELSE format('{} donors are named, and no edge of them could be tested again', count(DISTINCT donor))
    END
FROM traced
LEFT JOIN donor USING (run_id)
WHERE run_id NOT IN (SELECT run_id FROM judged)
GROUP BY run_id
