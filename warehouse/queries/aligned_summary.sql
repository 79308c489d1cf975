-- How many features lie along a singular vector or axis, over all layers, and how annotated are these and the others?
-- Columns: rule, n_features, n_aligned, n_novel, n_annotated_aligned, n_annotated_novel, annotation_rate_aligned, annotation_rate_novel, mean_annotations_aligned, mean_annotations_novel, novel_exclusive_terms
SELECT
    rule, n_features, n_aligned, n_novel, n_annotated_aligned, n_annotated_novel, annotation_rate_aligned,
    annotation_rate_novel, mean_annotations_aligned, mean_annotations_novel, novel_exclusive_terms
FROM aligned_summary
WHERE run_id = $run_id
