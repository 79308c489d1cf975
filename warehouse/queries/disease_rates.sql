-- Which share of features lists the genes of a disease, beside random lists?
-- Columns: sae_id, library, n_features, n_diseases, n_annotated, annotated_fraction, null_mean, null_max, n_null
SELECT
    sae_id, library, n_features, n_terms AS n_diseases, n_annotated, annotated_fraction, null_mean, null_max, n_null
FROM disease_summary
WHERE run_id = $run_id
ORDER BY sae_id, library = 'all', library
