-- Links between two layers (cross_layer_link) beside causal edges between them (edge), where both were looked for. Targets
-- of edges are held against targets of links by the hypergeometric law: of n_targets living features n_link_targets are
-- linked, and n_edge_targets are drawn. Edges of each source are held against its own links in the same way, on average.
-- Edges are joined with links before they are counted: where no links were looked for, no edge is read.
CREATE OR REPLACE VIEW pmi_comparison AS
WITH both_known AS (
    SELECT DISTINCT run_id, source_sae, target_sae, criterion, effect
    FROM edge
    SEMI JOIN cross_layer_summary USING (run_id, source_sae, target_sae)
),
links AS (
    SELECT run_id, source_sae, target_sae, rule, source_feature, target_feature
    FROM cross_layer_link
),
living AS (
    SELECT run_id, sae_id AS target_sae, count(*) AS n_targets FROM feature WHERE alive GROUP BY ALL
),
linked AS (
    SELECT run_id, source_sae, target_sae, any_value(rule) AS rule, count(*) AS n_links,
        count(DISTINCT target_feature) AS n_link_targets
    FROM links
    GROUP BY ALL
),
caused AS (
    SELECT run_id, source_sae, target_sae, criterion, effect, count(*) AS n_edges,
        count(DISTINCT target_feature) AS n_edge_targets
    FROM edge
    SEMI JOIN cross_layer_summary USING (run_id, source_sae, target_sae)
    GROUP BY ALL
),
shared AS (
    SELECT run_id, source_sae, target_sae, criterion, effect, count(*) AS n_overlap
    FROM edge
    SEMI JOIN links USING (run_id, source_sae, target_sae, source_feature, target_feature)
    GROUP BY ALL
),
shared_targets AS (
    SELECT run_id, source_sae, target_sae, criterion, effect, count(DISTINCT target_feature) AS n_target_overlap
    FROM edge
    SEMI JOIN links USING (run_id, source_sae, target_sae, target_feature)
    GROUP BY ALL
),
by_source AS (
    SELECT run_id, source_sae, target_sae, criterion, effect, sum(edges.n * of_source.n)::DOUBLE AS chances
    FROM (
        SELECT run_id, source_sae, target_sae, criterion, effect, source_feature, count(*) AS n
        FROM edge
        SEMI JOIN links USING (run_id, source_sae, target_sae, source_feature)
        GROUP BY ALL
    ) AS edges
    JOIN (
        SELECT run_id, source_sae, target_sae, source_feature, count(*) AS n FROM links GROUP BY ALL
    ) AS of_source USING (run_id, source_sae, target_sae, source_feature)
    GROUP BY ALL
),
compared AS (
    SELECT
        run_id, source_sae, target_sae, rule, criterion, effect, n_edges, n_targets, n_edge_targets,
        coalesce(n_links, 0) AS n_links,
        coalesce(n_overlap, 0) AS n_overlap,
        coalesce(chances, 0) AS chances,
        coalesce(n_link_targets, 0) AS n_link_targets,
        coalesce(n_target_overlap, 0) AS n_target_overlap
    FROM both_known
    JOIN living USING (run_id, target_sae)
    JOIN caused USING (run_id, source_sae, target_sae, criterion, effect)
    LEFT JOIN linked USING (run_id, source_sae, target_sae)
    LEFT JOIN shared USING (run_id, source_sae, target_sae, criterion, effect)
    LEFT JOIN shared_targets USING (run_id, source_sae, target_sae, criterion, effect)
    LEFT JOIN by_source USING (run_id, source_sae, target_sae, criterion, effect)
)
SELECT
    run_id,
    source_sae,
    target_sae,
    rule,
    criterion,
    effect,
    n_links::UBIGINT AS n_links,
    n_edges::UBIGINT AS n_edges,
    n_overlap::UBIGINT AS n_overlap,
    chances / n_targets AS expected_overlap,
    n_targets::UBIGINT AS n_targets,
    n_link_targets::UBIGINT AS n_link_targets,
    n_edge_targets::UBIGINT AS n_edge_targets,
    n_target_overlap::UBIGINT AS n_target_overlap,
    n_edge_targets * n_link_targets / n_targets AS expected,
    least(1.0, list_sum(list_transform(  -- P(X >= n_target_overlap), by logarithms of binomial coefficients
        range(
            greatest(n_target_overlap, n_edge_targets + n_link_targets - n_targets),
            least(n_link_targets, n_edge_targets) + 1
        ),
        lambda x: exp(
            lgamma(n_link_targets + 1) - lgamma(x + 1) - lgamma(n_link_targets - x + 1)
            + lgamma(n_targets - n_link_targets + 1) - lgamma(n_edge_targets - x + 1)
            - lgamma(n_targets - n_link_targets - n_edge_targets + x + 1)
            - lgamma(n_targets + 1) + lgamma(n_edge_targets + 1) + lgamma(n_targets - n_edge_targets + 1)
        )
    ))) AS p
FROM compared;
COMMENT ON VIEW pmi_comparison IS 'Links between two layers beside causal edges between them, by criterion and effect: pairs and targets in common, what chance gives, and the hypergeometric p of the targets in common.';
