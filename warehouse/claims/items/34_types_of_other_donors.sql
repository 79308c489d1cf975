-- kind: Cell types and labels
-- question: Does the cell type of a feature hold in donors that were not seen?
-- claim: Features mark cell types in general, not in these donors.
-- level: decoding
-- rule: P4
-- needs: feature_label
-- next: Study cells of six donors or more and name their obs column: `cells.obs = ["donor"]`, `labels.donor = "donor"`.
--
-- Six donors are the fewest whose signs alone can give p at most 0.05. Four of five called features must hold.
SELECT
    run_id,
    sae_id AS part,
    max(n_donors) >= 6 AS sound,
    avg(coalesce(donor_q <= 0.05 AND donor_auroc > 0.5, false)::INTEGER) FILTER (n_donors >= 6) >= 0.8 AS passed,
    avg(coalesce(donor_q <= 0.05 AND donor_auroc > 0.5, false)::INTEGER) FILTER (n_donors >= 6) AS observed,
    0.8 AS bound,
    CASE
        WHEN max(n_donors) = 0 THEN 'the study names no donors: all is said of these cells alone'
        WHEN max(n_donors) < 6 THEN format('{} donors, of at least six', max(n_donors))
        ELSE format('{} of {} called pairs hold over up to {} donors',
            count(*) FILTER (donor_q <= 0.05 AND donor_auroc > 0.5), count(*) FILTER (n_donors >= 6), max(n_donors))
    END AS why
FROM feature_label
WHERE significant AND obs_column = 'cell_type' AND NOT conditional AND unit = 'cell'
GROUP BY run_id, sae_id
