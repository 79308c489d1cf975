-- The measured pairs that pass each rule of their step.
WITH judged AS (
    SELECT
        edge_stat.*,
        criterion.criterion,
        criterion.effect_min,
        criterion.consistency_min,
        criterion.q_max,
        criterion.nonzero_min,
        CASE WHEN criterion.controlled THEN q_specific ELSE q END AS judged_q,
        CASE WHEN criterion.symmetric
            THEN greatest(n_pos, n_neg) / nullif(n_pos + n_neg, 0)
            ELSE greatest(n_pos, coalesce(n_units, n_cells) - n_pos) / nullif(coalesce(n_units, n_cells), 0)
        END AS consistency,
        CASE WHEN criterion.symmetric THEN abs(g) ELSE abs(d) END AS effect_size
    FROM stored.edge_stat
    JOIN stored.criterion USING (step_key)
    WHERE edge_stat.step_key = $step_key
)
SELECT
    step_key,
    criterion,
    effect,
    source_sae,
    source_layer,
    source_feature,
    target_sae,
    target_layer,
    target_feature,
    n_cells,
    n_pos,
    n_neg,
    mean,
    sd,
    d,
    g,
    p,
    q,
    consistency,
    CAST(sign(mean) AS TINYINT) AS sign,
    excess,
    q_specific,
    n_units
FROM judged
WHERE effect_size > effect_min
    AND consistency > consistency_min
    AND (q_max IS NULL OR judged_q <= q_max)
    AND n_pos + n_neg >= nonzero_min
