-- name: site_of_about
-- Parts of the page of each feature in a range of numbers: feature, how many rows there are, those shown as JSON.
SELECT
    feature, 1 AS n,
    json_object(
        'alive', alive, 'tier', tier, 'name', coalesce(feature.name, label, published_label), 'evidence', evidence,
        'named_by', named_by, 'top_genes', top_genes, 'top5_share', short(top5_share), 'label', label,
        'label_library', label_library, 'label_q', short(label_q), 'top_cell_type', top_cell_type,
        'auroc', short(top_cell_type_auroc), 'auroc_low', short(top_cell_type_low),
        'type_cells', top_cell_type_cells, 'frequency', short(frequency), 'fire_count', fire_count,
        'n_cells_active', n_cells_active, 'n_genes', n_genes, 'mean_when_active', short(mean_when_active),
        'max_activation', short(max_activation), 'module', coalesce(module_feature.module, feature.module),
        'published_label', published_label, 'svd_aligned', svd_aligned
    )::VARCHAR AS rows
FROM feature
LEFT JOIN module_feature USING (run_id, sae_id, feature)
WHERE run_id = $$run_id AND sae_id = $$sae_id AND feature BETWEEN $$first AND $$last
ORDER BY feature

-- name: site_of_genes
SELECT
    feature, count(*) AS n,
    '[' || string_agg(
        json_array(
            symbol, short(score), short(score_low), short(score_high), short(fire_rate), fire_count,
            short(specificity), short(mean_activation)
        )::VARCHAR,
        ',' ORDER BY rank NULLS LAST, symbol
    ) || ']' AS rows
FROM feature_gene
WHERE run_id = $$run_id AND sae_id = $$sae_id AND feature BETWEEN $$first AND $$last AND coalesce(shown, true)
GROUP BY feature
ORDER BY feature

-- name: site_of_terms
WITH found AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY feature) AS n,
        row_number() OVER (
            PARTITION BY feature ORDER BY represented_by IS NOT NULL, q, p, library, term
        ) AS place
    FROM annotation
    WHERE run_id = $$run_id AND sae_id = $$sae_id AND feature BETWEEN $$first AND $$last AND significant
)
SELECT
    feature, any_value(n) AS n,
    '[' || string_agg(
        json_array(library, term, n_overlap, n_set, short(expected), short(fold), short(q), genes)::VARCHAR,
        ',' ORDER BY place
    ) || ']' AS rows
FROM found
WHERE place <= $$most
GROUP BY feature
ORDER BY feature

-- name: site_of_types
WITH found AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY feature) AS n,
        row_number() OVER (PARTITION BY feature ORDER BY auroc DESC NULLS LAST, q, cell_type) AS place
    FROM feature_cell_type
    WHERE run_id = $$run_id AND sae_id = $$sae_id AND feature BETWEEN $$first AND $$last
)
SELECT
    feature, any_value(n) AS n,
    '[' || string_agg(
        json_array(
            cell_type, short(auroc), short(auroc_low), short(auroc_high), short(q), coalesce(called, significant),
            CASE WHEN odds_ratio_infinite THEN to_json('infinite') ELSE to_json(short(odds_ratio)) END, coalesce(n_cells, n_top_cells)
        )::VARCHAR,
        ',' ORDER BY place
    ) || ']' AS rows
FROM found
WHERE place <= $$most
GROUP BY feature
ORDER BY feature

-- name: site_of_contexts
SELECT
    feature, count(*) AS n,
    '[' || string_agg(
        json_array(cell_type, tissue, symbol, position, n_tokens, short(activation))::VARCHAR, ',' ORDER BY rank
    ) FILTER (rank <= $$most) || ']' AS rows
FROM feature_top_cell
LEFT JOIN cell USING (run_id, cell_id)
LEFT JOIN gene USING (run_id, gene_id)
WHERE run_id = $$run_id AND sae_id = $$sae_id AND feature BETWEEN $$first AND $$last
GROUP BY feature
ORDER BY feature

-- name: site_of_neighbours
SELECT
    near.feature, count(*) AS n,
    '[' || string_agg(
        json_array(other.key, near.neighbour, other.name, other.top_genes, short(near.cosine))::VARCHAR,
        ',' ORDER BY near.rank
    ) || ']' AS rows
FROM feature_neighbour AS near
JOIN site_feature AS other ON other.sae_id = near.sae_id AND other.feature = near.neighbour
WHERE near.run_id = $$run_id AND near.sae_id = $$sae_id AND near.feature BETWEEN $$first AND $$last
GROUP BY near.feature
ORDER BY near.feature

-- name: site_of_degrees
SELECT
    feature, count(*) AS n,
    '[' || string_agg(json_array(effect, criterion, n_out, n_in)::VARCHAR, ',' ORDER BY effect DESC, criterion) || ']'
        AS rows
FROM (
    SELECT
        feature, effect, criterion,
        sum(degree) FILTER (direction = 'out')::BIGINT AS n_out,
        sum(degree) FILTER (direction = 'in')::BIGINT AS n_in
    FROM feature_degree
    WHERE run_id = $$run_id AND sae_id = $$sae_id AND feature BETWEEN $$first AND $$last
    GROUP BY ALL
)
GROUP BY feature
ORDER BY feature

-- name: site_of_edges
-- Strongest first; each with all rules that call it. ``own`` is the end on the page, ``other`` the other one.
WITH called AS (
    SELECT
        ${own}_feature AS feature, ${other}_sae AS sae_id, ${other}_feature AS other,
        any_value(g) AS g, any_value(q) AS q, any_value(n_cells) AS n_cells, bool_or(criterion = $$rule) AS kept,
        string_agg(criterion, ', ' ORDER BY criterion) AS rules
    FROM edge
    WHERE run_id = $$run_id AND effect = 'total' AND ${own}_sae = $$sae_id
        AND ${own}_feature BETWEEN $$first AND $$last
    GROUP BY ${own}_feature, ${other}_sae, ${other}_feature
),
ranked AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY feature) AS n,
        row_number() OVER (PARTITION BY feature ORDER BY abs(g) DESC, sae_id, other) AS place
    FROM called
    WHERE kept
)
SELECT
    ranked.feature, any_value(n) AS n,
    '[' || string_agg(
        json_array(end_of.key, ranked.other, end_of.name, end_of.top_genes, short(g), short(q), n_cells, rules)::VARCHAR,
        ',' ORDER BY place
    ) || ']' AS rows
FROM ranked
JOIN site_feature AS end_of ON end_of.sae_id = ranked.sae_id AND end_of.feature = ranked.other
WHERE place <= $$most
GROUP BY ranked.feature
ORDER BY ranked.feature

-- name: site_of_links
-- Features of other layers that fire together with it, by z or, as published, by pmi.
WITH ranked AS (
    SELECT
        ${own}_feature AS feature, ${other}_sae AS sae_id, ${other}_feature AS other, pmi, z, q, n_both, expected,
        count(*) OVER (PARTITION BY ${own}_feature) AS n,
        row_number() OVER (
            PARTITION BY ${own}_feature
            ORDER BY CASE WHEN q IS NULL THEN pmi ELSE z END DESC, ${other}_sae, ${other}_feature
        ) AS place
    FROM cross_layer_link
    WHERE run_id = $$run_id AND ${own}_sae = $$sae_id AND ${own}_feature BETWEEN $$first AND $$last
)
SELECT
    ranked.feature, any_value(n) AS n,
    '[' || string_agg(
        json_array(
            end_of.key, ranked.other, end_of.name, end_of.top_genes, short(pmi), short(z), short(q), n_both, short(expected)
        )::VARCHAR,
        ',' ORDER BY place
    ) || ']' AS rows
FROM ranked
JOIN site_feature AS end_of ON end_of.sae_id = ranked.sae_id AND end_of.feature = ranked.other
WHERE place <= $$most
GROUP BY ranked.feature
ORDER BY ranked.feature
