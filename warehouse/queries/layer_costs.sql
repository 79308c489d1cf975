-- What does taking features out do to hidden genes, layer by layer, for each unit of what is taken out, and what do controls do?
-- Columns: sae_id, layer, arm, treatment, n_features, value, value_low, value_high, per_unit, per_unit_low, per_unit_high
WITH patched AS (
    SELECT run_id, sae_id, target_kind, feature, 'real' AS treatment, kl, per_unit
    FROM causal_patch
    WHERE rule = 'paired'
    UNION ALL
    SELECT run_id, sae_id, target_kind, feature, control AS treatment, kl, per_unit
    FROM patch_control
    WHERE control <> 'zero'
),
costs AS (
    SELECT
        'damage' AS source, sae_id, arm, change AS treatment, n_units AS n_features, mean AS value,
        low AS value_low, high AS value_high,
        mean / nullif(mean_norm, 0) AS per_unit,
        low / nullif(mean_norm, 0) AS per_unit_low,
        high / nullif(mean_norm, 0) AS per_unit_high
    FROM damage_summary
    WHERE run_id = $run_id AND rule = 'same_cells' AND NOT together
    UNION ALL
    SELECT
        'patching', sae_id, target_kind, treatment, count(*), avg(kl),
        avg(kl) - 1.96 * stddev_samp(kl) / sqrt(count(kl)),
        avg(kl) + 1.96 * stddev_samp(kl) / sqrt(count(kl)),
        avg(per_unit),
        avg(per_unit) - 1.96 * stddev_samp(per_unit) / sqrt(count(per_unit)),
        avg(per_unit) + 1.96 * stddev_samp(per_unit) / sqrt(count(per_unit))
    FROM patched
    WHERE run_id = $run_id
    GROUP BY sae_id, target_kind, treatment
)
SELECT
    sae_id, sae.layer, arm, treatment, n_features, value, value_low, value_high, per_unit, per_unit_low, per_unit_high
FROM costs
JOIN (SELECT sae_id, layer FROM sae WHERE run_id = $run_id) AS sae USING (sae_id)
WHERE source = $source
ORDER BY arm, treatment, layer
