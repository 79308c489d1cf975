-- What is the published ratio of joint to single effect sizes on each target of a set? Targets are those that the published rule calls in some condition.
-- Columns: target_layer, target_feature, n_members, apart, together, ratio
WITH rows AS (
    SELECT *
    FROM combination_stat
    WHERE run_id = $run_id AND combination = $combination AND kind = 'effect'
),
whole AS (SELECT max(n_members) AS most FROM rows),
sizes AS (
    SELECT
        target_layer, target_feature, most AS n_members,
        coalesce(sum(abs(d)) FILTER (rows.n_members = 1), 0) AS apart,
        coalesce(sum(abs(d)) FILTER (rows.n_members = most), 0) AS together
    FROM rows, whole
    GROUP BY ALL
    HAVING bool_or(abs(d) > 0.5 AND greatest(n_pos, n_cells - n_pos) / n_cells > 0.7)
)
SELECT *, CASE WHEN apart <= 0.01 THEN 1 ELSE together / apart END AS ratio
FROM sizes
ORDER BY target_layer, target_feature
