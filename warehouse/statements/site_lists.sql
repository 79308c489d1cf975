-- name: site_gene_pages
-- Genes in a range of places: the features that list each, the first by rank, and how many of each autoencoder do.
WITH listed AS (
    SELECT
        place, key, feature_gene.feature, end_of.name, end_of.top_genes, rank, fire_rate, score,
        row_number() OVER (
            PARTITION BY place ORDER BY rank NULLS LAST, score DESC, layer, sae_id, feature_gene.feature
        ) AS nth
    FROM feature_gene
    JOIN site_gene USING (symbol)
    JOIN site_sae USING (sae_id)
    JOIN site_feature AS end_of USING (sae_id, feature, key)
    WHERE run_id = $$run_id AND coalesce(shown, true) AND place BETWEEN $$first AND $$last
),
by_layer AS (
    SELECT place, '[' || string_agg(json_array(key, n)::VARCHAR, ',' ORDER BY key) || ']' AS layers
    FROM (SELECT place, key, count(*) AS n FROM listed GROUP BY ALL)
    GROUP BY place
)
SELECT
    place, count(*) AS n,
    json_object(
        'name', any_value(symbol), 'n', count(*), 'layers', any_value(layers)::JSON,
        'rows', ('[' || string_agg(
            json_array(key, feature, name, top_genes, rank, short(fire_rate), short(score))::VARCHAR, ',' ORDER BY nth
        ) FILTER (nth <= $$most) || ']')::JSON
    )::VARCHAR AS rows
FROM listed
JOIN by_layer USING (place)
JOIN site_gene USING (place)
GROUP BY place
ORDER BY place

-- name: site_term_pages
-- Gene sets in a range of places: the features that each labels, surest first, and the genes by which it does.
WITH labelled AS (
    SELECT
        place, key, annotation.feature, end_of.name, end_of.top_genes, n_overlap, expected, fold, q, genes,
        row_number() OVER (PARTITION BY place ORDER BY q, p, layer, sae_id, annotation.feature) AS nth
    FROM annotation
    JOIN site_term USING (library, term)
    JOIN site_sae USING (sae_id)
    JOIN site_feature AS end_of USING (sae_id, feature, key)
    WHERE run_id = $$run_id AND significant AND place BETWEEN $$first AND $$last
),
counted AS (
    SELECT place, gene, count(*) AS n
    FROM (SELECT place, unnest(string_split_regex(genes, ', *')) AS gene FROM labelled)
    GROUP BY place, gene
    QUALIFY row_number() OVER (PARTITION BY place ORDER BY count(*) DESC, gene) <= $$most
),
by_gene AS (
    SELECT place, '[' || string_agg(json_array(gene, n)::VARCHAR, ',' ORDER BY n DESC, gene) || ']' AS genes
    FROM counted
    GROUP BY place
)
SELECT
    place, count(*) AS n,
    json_object(
        'name', any_value(term), 'library', any_value(library), 'n_set', any_value(n_set), 'n', count(*),
        'genes', any_value(by_gene.genes)::JSON,
        'rows', ('[' || string_agg(
            json_array(
                key, feature, name, top_genes, n_overlap, short(expected), short(fold), short(q), labelled.genes
            )::VARCHAR,
            ',' ORDER BY nth
        ) FILTER (nth <= $$most) || ']')::JSON
    )::VARCHAR AS rows
FROM labelled
JOIN site_term USING (place)
LEFT JOIN by_gene USING (place)
GROUP BY place
ORDER BY place

-- name: site_module_pages
-- Modules of an autoencoder: how firm each is, and its members, those joined to most others first.
WITH joined AS (
    SELECT ends.feature, count(*) AS n_joined
    FROM (
        SELECT feature_a AS feature, feature_b AS other FROM module_edge WHERE run_id = $$run_id AND sae_id = $$sae_id
        UNION ALL
        SELECT feature_b, feature_a FROM module_edge WHERE run_id = $$run_id AND sae_id = $$sae_id
    ) AS ends
    JOIN module_feature AS own ON own.run_id = $$run_id AND own.sae_id = $$sae_id AND own.feature = ends.feature
    JOIN module_feature AS others
        ON others.run_id = $$run_id AND others.sae_id = $$sae_id AND others.feature = ends.other
            AND others.module = own.module
    GROUP BY ends.feature
),
members AS (
    SELECT
        module, feature, name, top_genes, n_joined,
        row_number() OVER (PARTITION BY module ORDER BY n_joined DESC NULLS LAST, feature) AS nth
    FROM module_feature
    JOIN site_feature USING (sae_id, feature)
    LEFT JOIN joined USING (feature)
    WHERE run_id = $$run_id AND sae_id = $$sae_id
),
listed AS (
    SELECT
        module,
        '[' || string_agg(json_array(feature, name, top_genes, n_joined)::VARCHAR, ',' ORDER BY nth) || ']' AS members
    FROM members
    WHERE nth <= $$most
    GROUP BY module
),
labels AS (
    SELECT module, '[' || string_agg(to_json(label)::VARCHAR, ',' ORDER BY rank) || ']' AS labels
    FROM module_label
    WHERE run_id = $$run_id AND sae_id = $$sae_id
    GROUP BY module
)
SELECT
    module, n_features AS n,
    json_object(
        'module', module, 'n', n_features, 'n_edges', n_edges, 'stability', short(stability), 'rule', rule,
        'modularity', short(modularity), 'null_modularity', short(null_modularity), 'null_sd', short(null_sd),
        'labels', coalesce(labels, '[]')::JSON, 'rows', coalesce(members, '[]')::JSON
    )::VARCHAR AS rows
FROM module
LEFT JOIN listed USING (module)
LEFT JOIN labels USING (module)
WHERE run_id = $$run_id AND sae_id = $$sae_id
ORDER BY module
