-- One row a quantity and item (all, a layer, a pair of layers) that is counted from the rows of an imported run.
CREATE OR REPLACE VIEW imported_value AS
WITH imported AS (
    SELECT run_id FROM run WHERE imported
),
saes AS (
    SELECT run_id, sae_id, layer, printf('L%02d', layer) AS item
    FROM sae
    JOIN imported USING (run_id)
),
features AS (
    SELECT
        run_id,
        coalesce(printf('L%02d', layer), 'all') AS item,
        count(*)::DOUBLE AS features,
        count(*) FILTER (alive)::DOUBLE AS living_features,
        count(*) FILTER (NOT alive)::DOUBLE AS dead_features,
        count(*) FILTER (svd_aligned)::DOUBLE AS svd_aligned_features,
        count(*) FILTER (alive AND NOT svd_aligned)::DOUBLE AS novel_features,
        count(*) FILTER (published_annotations > 0)::DOUBLE AS annotated_features,
        count(*) FILTER (published_annotations > 0) / nullif(count(*) FILTER (alive), 0) AS annotated_fraction,
        sum(published_annotations)::DOUBLE AS annotation_rows,
        count(module)::DOUBLE AS module_members,
        count(module) / nullif(count(*) FILTER (alive), 0) AS module_coverage,
        count(*) FILTER (alive AND fire_count < 100)::DOUBLE AS fired_below_100
    FROM feature
    JOIN imported USING (run_id)
    GROUP BY GROUPING SETS ((run_id), (run_id, layer))
),
genes AS (
    SELECT
        run_id,
        coalesce(item, 'all') AS item,
        count(*) FILTER (rank <= 5)::DOUBLE AS first_five_gene_rows,
        count(fire_count)::DOUBLE AS twenty_gene_rows
    FROM feature_gene
    JOIN saes USING (run_id, sae_id)
    GROUP BY GROUPING SETS ((run_id), (run_id, item))
),
shared_genes AS (
    SELECT
        run_id,
        coalesce(item, 'all') AS item,
        sum(n_overlap)::DOUBLE AS overlap_gene_rows,
        count(*) FILTER (odds_ratio_infinite)::DOUBLE AS infinite_odds_ratios
    FROM annotation
    JOIN saes USING (run_id, sae_id)
    GROUP BY GROUPING SETS ((run_id), (run_id, item))
),
ontologies AS (
    SELECT run_id, coalesce(item, 'all') AS item, 'rows_' || ontology AS quantity, sum(n_rows)::DOUBLE AS value
    FROM published_layer_ontology
    JOIN saes USING (run_id, sae_id)
    GROUP BY GROUPING SETS ((run_id, ontology), (run_id, ontology, item))
),
cell_evidence AS (
    SELECT run_id, sae_id, feature, 'type' AS kind FROM feature_cell_type JOIN imported USING (run_id)
    UNION ALL
    SELECT run_id, sae_id, feature, 'tissue' FROM feature_tissue
    UNION ALL
    SELECT run_id, sae_id, feature, 'top cell' FROM feature_top_cell
),
cell_types AS (
    SELECT
        run_id,
        coalesce(item, 'all') AS item,
        count(*) FILTER (kind = 'type')::DOUBLE AS cell_type_rows,
        count(*) FILTER (kind = 'tissue')::DOUBLE AS tissue_rows,
        count(*) FILTER (kind = 'top cell')::DOUBLE AS top_cell_rows,
        count(DISTINCT (sae_id, feature)) FILTER (kind <> 'top cell')::DOUBLE AS features_with_type_or_tissue,
        count(DISTINCT (sae_id, feature)) FILTER (kind = 'type')::DOUBLE AS features_with_type
    FROM cell_evidence
    JOIN saes USING (run_id, sae_id)
    GROUP BY GROUPING SETS ((run_id), (run_id, item))
),
modules AS (
    SELECT run_id, coalesce(item, 'all') AS item, count(*)::DOUBLE AS modules
    FROM module
    JOIN saes USING (run_id, sae_id)
    GROUP BY GROUPING SETS ((run_id), (run_id, item))
),
said AS (
    SELECT run_id, item, variance_explained, mean_feature_cosine
    FROM published_layer
    JOIN saes USING (run_id, sae_id)
),
svd AS (
    SELECT run_id, item, svd_variance, sae_variance AS last_batch_variance_explained
    FROM svd_layer
    JOIN saes USING (run_id, sae_id)
),
svd_whole AS (
    SELECT
        run_id,
        'all' AS item,
        n_annotated_aligned::DOUBLE AS annotated_aligned_features,
        n_annotated_novel::DOUBLE AS annotated_novel_features,
        annotation_rate_aligned AS annotated_fraction_aligned,
        annotation_rate_novel AS annotated_fraction_novel,
        novel_exclusive_terms
    FROM svd_summary
),
adjacent AS (
    SELECT
        run_id,
        printf('L%02d-L%02d', from_layer, to_layer) AS item,
        n_matches::DOUBLE AS adjacent_matches,
        n_high_matches::DOUBLE AS adjacent_strong_matches,
        persistence_rate AS adjacent_persistence,
        mean_cosine AS adjacent_mean_cosine
    FROM persistence
    WHERE kind = 'adjacent'
),
links AS (
    SELECT run_id, source_sae, target_sae, max(pmi) AS strongest_link, count(*)::DOUBLE AS n
    FROM cross_layer_link
    GROUP BY ALL
),
pairs AS (
    SELECT
        run_id,
        printf('L%02d-L%02d', source_layer, target_layer) AS item,
        n_with_links::DOUBLE AS features_with_links,
        n_highways::DOUBLE AS highways,
        n_highways / nullif(n_with_links, 0) AS highway_fraction,
        mean_max_pmi,
        median_max_pmi,
        strongest_link,
        n_links::DOUBLE AS all_links,
        upstream_coverage,
        downstream_coverage
    FROM cross_layer_summary
    LEFT JOIN links USING (run_id, source_sae, target_sae)
),
patches AS (
    SELECT
        run_id,
        'all' AS item,
        count(*)::DOUBLE AS causal_features,
        count(*) FILTER (specificity > 1)::DOUBLE AS causal_above_1,
        count(*) FILTER (specificity > 2)::DOUBLE AS causal_above_2,
        count(*) FILTER (specificity > 5)::DOUBLE AS causal_above_5,
        count(*) FILTER (specificity > 10)::DOUBLE AS causal_above_10
    FROM causal_patch
    GROUP BY run_id
),
patch_summary AS (
    SELECT
        run_id,
        'all' AS item,
        median_specificity AS causal_median_specificity,
        mean_specificity AS causal_mean_specificity,
        mean_target_effect AS causal_mean_target_effect,
        mean_other_effect AS causal_mean_other_effect
    FROM causal_patch_summary
),
targets AS (
    SELECT
        run_id,
        'all' AS item,
        count(*)::DOUBLE AS perturbation_targets,
        count(*) FILTER (n_responding > 0)::DOUBLE AS perturbation_responding_targets,
        avg(n_responding) AS perturbation_mean_responding,
        avg(n_specific) AS perturbation_mean_specific,
        count(*) FILTER (is_tf)::DOUBLE AS perturbation_tfs,
        count(*) FILTER (is_tf AND n_specific > 0)::DOUBLE AS perturbation_specific_tfs,
        count(*) FILTER (is_tf AND n_specific > 0) / nullif(count(*) FILTER (is_tf), 0) AS perturbation_specific_tf_fraction
    FROM perturbation_target
    GROUP BY run_id
),
novel AS (
    SELECT
        run_id,
        item,
        n_unannotated::DOUBLE AS unannotated_features,
        n_clusters::DOUBLE AS novel_clusters,
        n_features_in_clusters::DOUBLE AS novel_cluster_members,
        n_guilt_by_association::DOUBLE AS guilt_by_association,
        n_guilt_by_association / nullif(n_unannotated, 0) AS guilt_fraction
    FROM novel_summary
    JOIN saes USING (run_id, sae_id)
)
FROM (UNPIVOT features ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME FROM (UNPIVOT genes ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME FROM (UNPIVOT shared_genes ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME FROM ontologies
UNION ALL BY NAME FROM (UNPIVOT cell_types ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME SELECT run_id, item, 'modules' AS quantity, modules AS value FROM modules
UNION ALL BY NAME FROM (UNPIVOT said ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME FROM (UNPIVOT svd ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME FROM (UNPIVOT svd_whole ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME FROM (UNPIVOT adjacent ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME
SELECT run_id, printf('L%02d', to_layer) AS item, 'long_range_matches' AS quantity, n_matches::DOUBLE AS value
FROM persistence
WHERE kind = 'long_range'
UNION ALL BY NAME SELECT run_id, 'all' AS item, 'lifecycle_' || category AS quantity, n_features::DOUBLE AS value FROM lifecycle
UNION ALL BY NAME SELECT run_id, 'all' AS item, 'links' AS quantity, sum(n) AS value FROM links GROUP BY run_id
UNION ALL BY NAME FROM (UNPIVOT pairs ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME FROM (UNPIVOT patches ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME FROM (UNPIVOT patch_summary ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME FROM (UNPIVOT targets ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME
SELECT run_id, 'all' AS item, 'perturbation_rows' AS quantity, count(*)::DOUBLE AS value
FROM perturbation_feature
GROUP BY run_id
UNION ALL BY NAME FROM (UNPIVOT novel ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME
SELECT run_id, 'all' AS item, 'novel_cluster_genes' AS quantity, count(*)::DOUBLE AS value
FROM novel_cluster_gene
GROUP BY run_id;
COMMENT ON VIEW imported_value IS 'What the rows of an imported run amount to, by quantity and item (all, a layer, a pair of layers).';
