-- What are the features of a list, each named by its autoencoder and number with a blank between? NULL: all.
-- Columns: sae_id, layer, feature, name, evidence, top_genes, label, top_cell_type, top_cell_type_auroc, frequency, tier
SELECT
    sae_id, layer, feature, coalesce(name, label) AS name, evidence, top_genes, label, top_cell_type,
    top_cell_type_auroc, frequency, tier
FROM feature
WHERE run_id = $run_id AND ($chosen IS NULL OR concat_ws(' ', sae_id, feature) IN (SELECT unnest($chosen::VARCHAR[])))
ORDER BY layer, sae_id, feature
