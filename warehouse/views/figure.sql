-- One row a run, quantity, item (all, a layer, a pair of layers) and rule: what the rows of the run amount to. A rule is
-- what decides whom a figure counts. published: that of the published atlases, by which every import was made; default:
-- that of the runs made here; none: nothing is decided. null_value is the figure to expect by chance, where the run has it.
-- What is of imports alone, or of own runs, says so by a constant: who asks for the one kind does not wait for the other.
CREATE OR REPLACE VIEW figure AS
WITH imported AS (
    SELECT run_id FROM run WHERE imported
),
own AS (
    SELECT run_id FROM run WHERE NOT imported
),
saes AS (
    SELECT run_id, imported, sae_id, layer, fvu, printf('L%02d', layer) AS item
    FROM sae
    JOIN run USING (run_id)
    WHERE described
),
counts AS (
    SELECT
        run_id,
        imported,
        coalesce(printf('L%02d', layer), 'all') AS item,
        count(*)::DOUBLE AS features,
        count(*) FILTER (alive)::DOUBLE AS living_features,
        count(*) FILTER (NOT alive)::DOUBLE AS dead_features,
        count(*) FILTER (alive AND fire_count < 100)::DOUBLE AS fired_below_100,
        count(top_cell_type)::DOUBLE AS with_type
    FROM feature
    JOIN run USING (run_id)
    GROUP BY GROUPING SETS ((run_id, imported), (run_id, imported, layer))
),
features AS (
    SELECT
        run_id,
        coalesce(printf('L%02d', layer), 'all') AS item,
        count(*) FILTER (svd_aligned)::DOUBLE AS svd_aligned_features,
        count(*) FILTER (alive AND NOT svd_aligned)::DOUBLE AS novel_features,
        count(*) FILTER (published_annotations > 0)::DOUBLE AS annotated_features,
        count(*) FILTER (published_annotations > 0) / nullif(count(*) FILTER (alive), 0) AS annotated_fraction,
        sum(published_annotations)::DOUBLE AS annotation_rows,
        count(module)::DOUBLE AS module_members,
        count(module) / nullif(count(*) FILTER (alive), 0) AS module_coverage
    FROM feature
    JOIN imported USING (run_id)
    GROUP BY GROUPING SETS ((run_id), (run_id, layer))
),
gene_sets AS (  -- of an import, what it says without the edges of gene networks, which no run made here counts
    SELECT
        run_id,
        imported,
        coalesce(item, 'all') AS item,
        CASE WHEN imported OR rule = 'published' THEN 'published' ELSE 'default' END AS by_rule,
        sum(n_annotated)::DOUBLE AS n,
        sum(null_mean * annotation_summary.n_features) AS by_chance
    FROM annotation_summary
    JOIN saes USING (run_id, sae_id)
    WHERE library = 'all'
    GROUP BY GROUPING SETS ((run_id, imported, by_rule), (run_id, imported, by_rule, item))
),
genes AS (
    SELECT
        run_id,
        coalesce(item, 'all') AS item,
        count(*) FILTER (rank <= 5)::DOUBLE AS first_five_gene_rows,
        count(fire_count)::DOUBLE AS twenty_gene_rows
    FROM feature_gene
    JOIN imported USING (run_id)
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
    JOIN imported USING (run_id)
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
    SELECT run_id, sae_id, feature, 'tissue' FROM feature_tissue JOIN imported USING (run_id)
    UNION ALL
    SELECT run_id, sae_id, feature, 'top cell' FROM feature_top_cell JOIN imported USING (run_id)
),
cell_types AS (
    SELECT
        run_id,
        coalesce(item, 'all') AS item,
        count(*) FILTER (kind = 'type')::DOUBLE AS cell_type_rows,
        count(*) FILTER (kind = 'tissue')::DOUBLE AS tissue_rows,
        count(*) FILTER (kind = 'top cell')::DOUBLE AS top_cell_rows,
        count(DISTINCT (sae_id, feature)) FILTER (kind <> 'top cell')::DOUBLE AS features_with_type_or_tissue,
        count(DISTINCT (sae_id, feature)) FILTER (kind = 'type')::DOUBLE AS features_with_type,
        count(DISTINCT (sae_id, feature)) FILTER (kind = 'tissue')::DOUBLE AS features_with_tissue
    FROM cell_evidence
    JOIN saes USING (run_id, sae_id)
    GROUP BY GROUPING SETS ((run_id), (run_id, item))
),
label_columns AS (  -- the obs column of the cell types: all of its labels are labels of cells
    SELECT run_id, arg_max(obs_column, n_labels) AS obs_column, 'type' AS kind
    FROM (
        SELECT run_id, obs_column, count(*) AS n_labels
        FROM (SELECT DISTINCT run_id, obs_column, label FROM feature_label)
        LEFT JOIN (SELECT DISTINCT run_id, label, true AS known FROM cell) USING (run_id, label)
        GROUP BY ALL
        HAVING bool_and(coalesce(known, false))
    )
    GROUP BY run_id
    UNION ALL
    SELECT run_id, 'tissue', 'tissue' FROM own
),
labelled AS (
    SELECT
        run_id,
        coalesce(item, 'all') AS item,
        'features_with_' || kind AS quantity,
        sum(n_called)::DOUBLE AS n,
        sum(null_mean * n_features) AS by_chance
    FROM label_summary
    JOIN saes USING (run_id, sae_id)
    JOIN label_columns USING (run_id, obs_column)
    WHERE rule = 'published_geneformer' AND NOT conditional AND n_tested > 0
    GROUP BY GROUPING SETS ((run_id, kind), (run_id, kind, item))
),
aligned AS (
    SELECT
        run_id,
        coalesce(item, 'all') AS item,
        sum(n_aligned)::DOUBLE AS n,
        sum(n_novel)::DOUBLE AS novel_features,
        sum(n_significant)::DOUBLE AS in_the_span,
        sum(n_matched)::DOUBLE AS by_chance
    FROM svd_layer
    JOIN saes USING (run_id, sae_id)
    JOIN own USING (run_id)
    GROUP BY GROUPING SETS ((run_id), (run_id, item))
),
counted AS (  -- numbers of features that are told as shares of the living ones as well
    SELECT run_id, imported, item, by_rule AS rule, 'features_with_gene_set' AS quantity, n AS value, by_chance AS null_value
    FROM gene_sets
    UNION ALL BY NAME
    SELECT *, true AS imported, 'published' AS rule
    FROM (UNPIVOT cell_types ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
    UNION ALL BY NAME
    SELECT *, true AS imported, 'published' AS rule
    FROM (UNPIVOT features ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
    UNION ALL BY NAME
    SELECT run_id, false AS imported, item, 'published' AS rule, quantity, n AS value, by_chance AS null_value
    FROM labelled
    UNION ALL BY NAME
    SELECT run_id, false AS imported, item, 'default' AS rule, 'features_with_type' AS quantity, with_type AS value
    FROM counts
    SEMI JOIN cell_type_summary USING (run_id)
    WHERE NOT imported
    UNION ALL BY NAME
    SELECT run_id, false AS imported, item, 'published' AS rule, 'svd_aligned_features' AS quantity, n AS value
    FROM aligned
    UNION ALL BY NAME
    SELECT run_id, false AS imported, item, 'default' AS rule, 'svd_aligned_features' AS quantity,
        in_the_span AS value, by_chance AS null_value
    FROM aligned
    WHERE in_the_span IS NOT NULL
),
modules AS (
    SELECT
        run_id,
        imported,
        coalesce(item, 'all') AS item,
        CASE WHEN imported OR rule = 'published' THEN 'published' ELSE 'default' END AS by_rule,
        count(*)::DOUBLE AS modules,
        sum(module.n_features)::DOUBLE AS members
    FROM module
    JOIN saes USING (run_id, sae_id)
    GROUP BY GROUPING SETS ((run_id, imported, by_rule), (run_id, imported, by_rule, item))
),
said AS (
    SELECT run_id, item, variance_explained, mean_feature_cosine
    FROM published_layer
    JOIN saes USING (run_id, sae_id)
),
svd AS (
    SELECT run_id, imported, item, svd_variance, CASE WHEN rule IS NULL THEN sae_variance END AS last_batch_variance_explained
    FROM svd_layer
    JOIN saes USING (run_id, sae_id)
),
svd_whole AS (
    SELECT
        run_id,
        rule AS by_rule,
        'all' AS item,
        n_annotated_aligned::DOUBLE AS annotated_aligned_features,
        n_annotated_novel::DOUBLE AS annotated_novel_features,
        annotation_rate_aligned AS annotated_fraction_aligned,
        annotation_rate_novel AS annotated_fraction_novel,
        novel_exclusive_terms
    FROM aligned_summary
),
adjacent AS (
    SELECT
        run_id,
        imported,
        CASE rule WHEN 'mutual' THEN 'default' ELSE 'published' END AS by_rule,
        printf('L%02d-L%02d', from_layer, to_layer) AS item,
        n_matches::DOUBLE AS adjacent_matches,
        n_high_matches::DOUBLE AS adjacent_strong_matches,
        persistence_rate AS adjacent_persistence,
        mean_cosine AS adjacent_mean_cosine,
        null_rate
    FROM persistence
    JOIN run USING (run_id)
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
        imported,
        CASE WHEN starts_with(coalesce(rule, 'published'), 'published') THEN 'published' ELSE 'default' END AS by_rule,
        printf('L%02d-L%02d', source_layer, target_layer) AS item,
        n_with_links::DOUBLE AS features_with_links,
        n_highways::DOUBLE AS highways,
        n_highways / nullif(n_with_links, 0) AS highway_fraction,
        mean_max_pmi,
        median_max_pmi,
        strongest_link,
        n_links::DOUBLE AS all_links,
        upstream_coverage,
        downstream_coverage,
        n_highways_by_gene::DOUBLE AS by_gene,
        n_with_links AS n_linked
    FROM cross_layer_summary
    JOIN run USING (run_id)
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
    JOIN imported USING (run_id)
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
    JOIN imported USING (run_id)
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
        imported,
        CASE rule WHEN 'weighted' THEN 'default' ELSE 'published' END AS by_rule,
        item,
        n_unannotated::DOUBLE AS unannotated_features,
        n_clusters::DOUBLE AS novel_clusters,
        n_features_in_clusters::DOUBLE AS novel_cluster_members,
        n_guilt_by_association::DOUBLE AS guilt_by_association,
        n_guilt_by_association / nullif(n_unannotated, 0) AS guilt_fraction,
        expected_guilt AS by_chance,
        n_unannotated AS n_without
    FROM novel_summary
    JOIN saes USING (run_id, sae_id)
)
SELECT *, 'none' AS rule, NULL::DOUBLE AS null_value
FROM (UNPIVOT (SELECT * EXCLUDE with_type FROM counts) ON * EXCLUDE (run_id, imported, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME
SELECT
    run_id,
    counted.imported,
    item,
    rule,
    CASE WHEN as_share THEN quantity || '_fraction' ELSE quantity END AS quantity,
    CASE WHEN as_share THEN value / living_features ELSE value END AS value,
    CASE WHEN as_share THEN null_value / living_features ELSE null_value END AS null_value
FROM counted
JOIN counts USING (run_id, item)
CROSS JOIN (VALUES (false), (true)) AS forms (as_share)
WHERE NOT as_share
    OR living_features > 0 AND (starts_with(quantity, 'features_with_') OR quantity = 'svd_aligned_features')
UNION ALL BY NAME
SELECT *, true AS imported, 'published' AS rule
FROM (UNPIVOT genes ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME
SELECT *, true AS imported, 'published' AS rule
FROM (UNPIVOT shared_genes ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME SELECT *, true AS imported, 'published' AS rule FROM ontologies
UNION ALL BY NAME
SELECT run_id, imported, item, by_rule AS rule, 'modules' AS quantity, modules AS value FROM modules
UNION ALL BY NAME
SELECT run_id, false AS imported, item, by_rule AS rule, 'module_members' AS quantity, members AS value
FROM modules
WHERE NOT imported
UNION ALL BY NAME
SELECT run_id, false AS imported, item, by_rule AS rule, 'module_coverage' AS quantity, members / living_features AS value
FROM modules
JOIN counts USING (run_id, item)
WHERE NOT modules.imported AND living_features > 0
UNION ALL BY NAME
SELECT *, true AS imported, 'none' AS rule
FROM (UNPIVOT said ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME
SELECT run_id, false AS imported, item, 'none' AS rule, 'variance_explained' AS quantity, 1 - fvu AS value
FROM saes
WHERE NOT imported
UNION ALL BY NAME
SELECT *, 'none' AS rule
FROM (UNPIVOT svd ON * EXCLUDE (run_id, imported, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME
SELECT run_id, false AS imported, item, 'published' AS rule, 'novel_features' AS quantity, novel_features AS value
FROM aligned
UNION ALL BY NAME
SELECT * RENAME (by_rule AS rule), by_rule = 'published' AS imported
FROM (UNPIVOT svd_whole ON * EXCLUDE (run_id, by_rule, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME
SELECT * EXCLUDE (by_rule, null_rate), by_rule AS rule,
    CASE quantity WHEN 'adjacent_persistence' THEN null_rate END AS null_value
FROM (UNPIVOT adjacent ON * EXCLUDE (run_id, imported, by_rule, item, null_rate) INTO NAME quantity VALUE value)
UNION ALL BY NAME
SELECT run_id, imported, printf('L%02d', to_layer) AS item, 'published' AS rule, 'long_range_matches' AS quantity,
    n_matches::DOUBLE AS value
FROM persistence
JOIN run USING (run_id)
WHERE kind = 'long_range' AND rule IS DISTINCT FROM 'mutual'
UNION ALL BY NAME
SELECT run_id, imported, 'all' AS item, CASE rule WHEN 'mutual' THEN 'default' ELSE 'published' END AS rule,
    'lifecycle_' || category AS quantity, n_features::DOUBLE AS value
FROM lifecycle
JOIN run USING (run_id)
UNION ALL BY NAME
SELECT run_id, true AS imported, 'all' AS item, 'published' AS rule, 'links' AS quantity, sum(n) AS value
FROM links
JOIN imported USING (run_id)
GROUP BY run_id
UNION ALL BY NAME
SELECT * EXCLUDE (by_rule, by_gene, n_linked), by_rule AS rule,
    CASE quantity WHEN 'highways' THEN by_gene WHEN 'highway_fraction' THEN by_gene / nullif(n_linked, 0) END AS null_value
FROM (UNPIVOT pairs ON * EXCLUDE (run_id, imported, by_rule, item, by_gene, n_linked) INTO NAME quantity VALUE value)
UNION ALL BY NAME
SELECT *, true AS imported, 'published' AS rule
FROM (UNPIVOT patches ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME
SELECT *, true AS imported, 'published' AS rule
FROM (UNPIVOT patch_summary ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME
SELECT *, true AS imported, 'published' AS rule
FROM (UNPIVOT targets ON * EXCLUDE (run_id, item) INTO NAME quantity VALUE value)
UNION ALL BY NAME
SELECT run_id, true AS imported, 'all' AS item, 'published' AS rule, 'perturbation_rows' AS quantity,
    count(*)::DOUBLE AS value
FROM perturbation_feature
GROUP BY run_id
UNION ALL BY NAME
SELECT * EXCLUDE (by_rule, by_chance, n_without), by_rule AS rule,
    CASE quantity
        WHEN 'guilt_by_association' THEN by_chance
        WHEN 'guilt_fraction' THEN by_chance / nullif(n_without, 0)
    END AS null_value
FROM (UNPIVOT novel ON * EXCLUDE (run_id, imported, by_rule, item, by_chance, n_without) INTO NAME quantity VALUE value)
UNION ALL BY NAME
SELECT run_id, true AS imported, 'all' AS item, 'published' AS rule, 'novel_cluster_genes' AS quantity,
    count(*)::DOUBLE AS value
FROM novel_cluster_gene
JOIN imported USING (run_id)
GROUP BY run_id;
COMMENT ON VIEW figure IS 'What the rows of a run amount to, by quantity, item (all, a layer, a pair of layers) and rule (published, default, none), beside what chance gives where the run knows it.';
