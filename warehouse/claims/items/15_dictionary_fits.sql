-- kind: Data and machinery
-- question: Do the autoencoders explain cells that they were not trained on?
-- claim: Features describe what the model does, not what its autoencoder leaves over.
-- level: none
-- rule: P0
-- needs: sae
-- next: Train longer or wider (`sae.steps`, `sae.expansion`, `sae.k`), with held-out cells (`cells.heldout_fraction`).
--
-- Half of the variance, and principal axes of the same number of active components where they were computed.
WITH beside AS (
    SELECT run_id, sae_id, max(pca_equal_l0) AS pca FROM svd_layer WHERE rule = 'heldout' GROUP BY ALL
)
SELECT
    run_id,
    format('layer {:02d}', layer) AS part,
    coalesce(n_heldout_positions, 0) > 0 AS sound,
    1 - fvu >= greatest(0.5, coalesce(pca, 0)) AS passed,
    1 - fvu AS observed,
    greatest(0.5, coalesce(pca, 0)) AS bound,
    CASE
        WHEN coalesce(n_heldout_positions, 0) = 0
            THEN format('{:.3f} of the variance, but of cells that it was trained on', 1 - fvu)
        WHEN pca IS NULL THEN format('{:.3f} of the held-out variance', 1 - fvu)
        ELSE format('{:.3f} of the held-out variance, principal axes {:.3f}', 1 - fvu, pca)
    END AS why
FROM sae
LEFT JOIN beside USING (run_id, sae_id)
WHERE described
