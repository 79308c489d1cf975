-- What was published about one feature beside its description?
-- Columns: published_label, published_ontology, published_annotations, svd_aligned
SELECT published_label, published_ontology, published_annotations, svd_aligned
FROM feature
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature
