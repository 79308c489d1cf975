-- What do controls of patched features do to the same hidden genes, under the same test?
-- Columns: sae_id, target_kind, feature, control, difference, standardised, p, n_cells
SELECT
    sae_id, target_kind, feature, control, difference, difference * sqrt(n_units) / nullif(sd, 0) AS standardised, p, n_cells
FROM patch_control
WHERE run_id = $run_id
ORDER BY target_kind, control, feature
