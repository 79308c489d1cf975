-- What does the strongest calibrated edge look like cell by cell?
WITH newest AS (
    SELECT run_id FROM run WHERE NOT imported ORDER BY finished DESC LIMIT 1
),
strongest AS (
    SELECT edge.*
    FROM edge
    JOIN newest USING (run_id)
    WHERE criterion = 'calibrated' AND effect = 'total'
    ORDER BY abs(g) DESC, source_sae, source_feature, target_sae, target_feature
    LIMIT 1
),
listed AS (
    SELECT
        effect_cell.run_id, cell_id, source_layer, source_feature, target_layer,
        unnest(targets) AS target, unnest(deltas) AS delta
    FROM effect_cell
    SEMI JOIN strongest USING (run_id, effect, source_sae, source_feature, target_sae)
)
SELECT
    listed.source_layer, listed.source_feature, listed.target_layer, listed.target AS target_feature,
    barcode, label, round(delta, 4) AS effect
FROM listed
JOIN strongest ON listed.target = strongest.target_feature
JOIN cell ON cell.run_id = listed.run_id AND cell.cell_id = listed.cell_id
ORDER BY delta, barcode
