-- kind: Data and machinery
-- question: Do the effects of single cells give the means that edges are called by?
-- claim: Every statistic of an edge can be computed again from what is stored.
-- level: none
-- rule: P10
-- needs: edge_stat, effect_cell, feature_degree
-- next: Load the trace anew (`scfm restore`); where that does not help, trace the layer again.
--
-- All pairs of five sources: the mean over cells, zeros included, against the stored one, in single precision.
WITH sources AS (
    SELECT run_id, effect, sae_id AS source_sae, feature AS source_feature
    FROM (SELECT DISTINCT run_id, effect, sae_id, feature FROM feature_degree WHERE direction = 'out' AND degree > 0)
    QUALIFY row_number() OVER (PARTITION BY run_id, effect ORDER BY feature::BIGINT * 7919 % 104729, sae_id) <= 5
),
changed AS (
    SELECT run_id, effect, source_sae, source_feature, target_sae, unnest(targets) AS target_feature,
        unnest(deltas)::DOUBLE AS delta
    FROM effect_cell
    SEMI JOIN sources USING (run_id, effect, source_sae, source_feature)
),
summed AS (
    SELECT * EXCLUDE (delta), sum(delta) AS delta FROM changed GROUP BY ALL
),
compared AS (
    SELECT
        edge_stat.run_id,
        edge_stat.effect,
        edge_stat.mean,
        abs(edge_stat.mean - coalesce(delta, 0) / n_cells) AS difference,
        max(abs(edge_stat.mean)) OVER (PARTITION BY edge_stat.run_id, edge_stat.effect) AS largest
    FROM edge_stat
    SEMI JOIN sources USING (run_id, effect, source_sae, source_feature)
    LEFT JOIN summed USING (run_id, effect, source_sae, source_feature, target_sae, target_feature)
)
SELECT
    run_id,
    effect AS part,
    count(*) > 0 AND max(largest) > 0 AS sound,
    max(difference) <= 1e-5 * max(largest) AS passed,
    max(difference) AS observed,
    1e-5 * max(largest) AS bound,
    format('{} means computed again differ by {:.2g} at most, the largest is {:.3g}', count(*), max(difference),
        max(largest)) AS why
FROM compared
GROUP BY run_id, effect
