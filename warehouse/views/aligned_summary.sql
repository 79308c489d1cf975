-- One row a run: features along a singular vector beside the others. Of imports what was published (svd_summary); of runs
-- made here, counted from feature_subspace and from annotations by the default rule. Means and terms are of each layer,
-- averaged over the layers, as published.
CREATE OR REPLACE VIEW aligned_summary AS
WITH terms AS (
    SELECT run_id, sae_id, feature, library, term FROM annotation WHERE significant
),
described AS (
    SELECT run_id, sae_id, aligned, label IS NOT NULL AS annotated, coalesce(n, 0) AS n
    FROM feature_subspace
    JOIN feature USING (run_id, sae_id, feature)
    LEFT JOIN (SELECT run_id, sae_id, feature, count(*) AS n FROM terms GROUP BY ALL) USING (run_id, sae_id, feature)
),
counted AS (
    SELECT
        run_id,
        sae_id,
        count(*) AS n_features,
        count(*) FILTER (aligned) AS n_aligned,
        count(*) FILTER (aligned AND annotated) AS n_annotated_aligned,
        count(*) FILTER (NOT aligned AND annotated) AS n_annotated_novel,
        avg(n) FILTER (aligned) AS mean_aligned,
        avg(n) FILTER (NOT aligned) AS mean_novel
    FROM described
    GROUP BY ALL
),
found AS (
    SELECT run_id, sae_id, avg((NOT of_aligned)::UTINYINT) AS exclusive
    FROM (
        SELECT run_id, sae_id, library, term, bool_or(aligned) AS of_aligned
        FROM terms
        JOIN feature_subspace USING (run_id, sae_id, feature)
        GROUP BY ALL
    )
    GROUP BY ALL
)
SELECT
    run_id, 'published' AS rule, n_features, n_aligned, n_novel, n_annotated_aligned, n_annotated_novel,
    annotation_rate_aligned, annotation_rate_novel, mean_annotations_aligned, mean_annotations_novel, novel_exclusive_terms
FROM svd_summary
UNION ALL BY NAME
SELECT
    run_id,
    'default' AS rule,
    sum(n_features)::UINTEGER AS n_features,
    sum(counted.n_aligned)::UINTEGER AS n_aligned,
    sum(n_features - counted.n_aligned)::UINTEGER AS n_novel,
    sum(counted.n_annotated_aligned)::UINTEGER AS n_annotated_aligned,
    sum(counted.n_annotated_novel)::UINTEGER AS n_annotated_novel,
    sum(counted.n_annotated_aligned) / nullif(sum(counted.n_aligned), 0) AS annotation_rate_aligned,
    sum(counted.n_annotated_novel) / nullif(sum(n_features - counted.n_aligned), 0) AS annotation_rate_novel,
    avg(mean_aligned) AS mean_annotations_aligned,
    avg(mean_novel) AS mean_annotations_novel,
    avg(exclusive) AS novel_exclusive_terms
FROM counted
LEFT JOIN found USING (run_id, sae_id)
GROUP BY run_id;
COMMENT ON VIEW aligned_summary IS 'Features along a singular vector beside the others, over all layers: imported runs as published (svd_summary), runs made here by the default rule of annotation.';
