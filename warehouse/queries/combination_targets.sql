-- What do all members of a set do to each feature together, beside the sum of what each does alone? A value that is zero in every cell is 0; q is NULL where there is no interaction.
-- Columns: target_sae, target_layer, target_feature, top_genes, sum_of_singles, joint, interaction, g, n_pos, n_neg, p, q
WITH rows AS (
    SELECT *
    FROM combination_stat
    WHERE run_id = $run_id AND combination = $combination
),
whole AS (SELECT max(n_members) AS n_members FROM rows),
ends AS (
    SELECT
        target_sae, target_layer, target_feature,
        coalesce(sum(mean) FILTER (kind = 'effect' AND rows.n_members = 1), 0) AS sum_of_singles,
        coalesce(sum(mean) FILTER (kind = 'effect' AND rows.n_members = whole.n_members), 0) AS joint
    FROM rows, whole
    GROUP BY ALL
),
together AS (
    SELECT target_sae, target_feature, mean AS interaction, g, n_pos, n_neg, p, q
    FROM rows, whole
    WHERE kind = 'interaction' AND rows.n_members = whole.n_members
)
SELECT
    target_sae, target_layer, target_feature, top_genes, sum_of_singles, joint,
    coalesce(interaction, 0) AS interaction, coalesce(g, 0) AS g,
    coalesce(n_pos, 0) AS n_pos, coalesce(n_neg, 0) AS n_neg, p, q
FROM ends
LEFT JOIN together USING (target_sae, target_feature)
JOIN feature ON run_id = $run_id AND sae_id = target_sae AND feature = target_feature
ORDER BY q NULLS LAST, abs(interaction) DESC, target_layer, target_feature
