-- Which labels of the cells does a feature mark, within strata, and what do held-out cells and published rules say?
-- Columns: obs_column, label, conditional, auroc, low, high, log2_fold, q, significant, unit, n_cells, n_donors, donor_q, strata, ami, ami_q, published
WITH scores AS (
    SELECT obs_column, label, heldout_value AS ami, q AS ami_q
    FROM feature_label_score
    WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER AND score_kind = 'ami'
),
published AS (
    SELECT obs_column, label, string_agg(replace(rule, 'published_', ''), ', ' ORDER BY rule) AS published
    FROM feature_label_published
    WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
    GROUP BY ALL
)
SELECT
    obs_column, label, conditional, auroc, low, high, log2_fold, q, significant, unit, n_cells, n_donors, donor_q,
    strata, ami, ami_q, published
FROM feature_label
LEFT JOIN scores USING (obs_column, label)
LEFT JOIN published USING (obs_column, label)
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
ORDER BY obs_column, conditional, auroc DESC NULLS LAST, label
