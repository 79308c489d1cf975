-- Features beside the labels that they were held against: types of cells, and other labels among cells that are alike. A
-- feature marks a label if it is called for it, or significant where nothing is called.
CREATE OR REPLACE VIEW feature_mark AS
SELECT
    run_id, sae_id, feature, 'cell type' AS obs_column, cell_type AS label, auroc, auroc_low, auroc_high, auroc_all, p, q,
    n_cells, n_active, strata, odds_ratio, coalesce(called, significant) AS marks, log2_fold
FROM feature_cell_type
UNION ALL
SELECT
    run_id, sae_id, feature, obs_column, label, auroc, low, high, NULL, p, q, n_cells, NULL, strata, NULL, significant,
    log2_fold
FROM feature_label
WHERE NOT conditional;
COMMENT ON VIEW feature_mark IS 'How well features tell cell types (obs_column is cell type) and other labels of cells, and which of them they mark.';
