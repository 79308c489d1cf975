-- Every enrichment of a feature in one place, with the level of claim that it carries. A test on the model's activity
-- says what can be read off: decoding. A label that holds over six donors or more is found elsewhere, too: agreement.
-- Nothing here was edited, so no enrichment says more than that.
CREATE OR REPLACE VIEW enrichment AS
SELECT run_id, 'gene set' AS kind, sae_id, feature, library AS source, term, p, q, significant, 'decoding' AS level
FROM annotation
UNION ALL
SELECT run_id, 'ranked gene set', sae_id, feature, library, term, p, q, significant, 'decoding'
FROM ranked_term
UNION ALL
SELECT run_id, 'network', sae_id, feature, network, coalesce(mode, 'any'), p, q, coalesce(q <= 0.05, false), 'decoding'
FROM feature_network_density
UNION ALL
SELECT run_id, 'cell type', sae_id, feature, 'cell_type', cell_type, p, q, coalesce(called, significant), 'decoding'
FROM feature_cell_type
UNION ALL
SELECT run_id, 'tissue', sae_id, feature, coalesce(rule, 'published'), tissue, NULL, q, q <= 0.05, 'decoding'
FROM feature_tissue
UNION ALL
SELECT
    run_id,
    'label',
    sae_id,
    feature,
    obs_column,
    label,
    p,
    q,
    significant,
    CASE
        WHEN unit = 'donor' AND n_donors >= 12 AND significant THEN 'agreement'
        WHEN n_donors >= 6 AND donor_q <= 0.05 AND donor_auroc > 0.5 THEN 'agreement'
        ELSE 'decoding'
    END
FROM feature_label;
COMMENT ON VIEW enrichment IS 'Every enrichment of a feature, with its level of claim.';
