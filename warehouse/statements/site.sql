-- name: site_number
-- Four digits are what a page shows; what is no number is nothing in JSON.
CREATE OR REPLACE TEMP MACRO short(x) AS CASE WHEN isfinite(x::DOUBLE) THEN printf('%.4g', x::DOUBLE)::DOUBLE END

-- name: site_autoencoders
-- Names of autoencoders in addresses: L2, or where a layer has several, their ids.
CREATE OR REPLACE TEMP TABLE site_sae AS
SELECT
    sae_id, layer, n_features,
    CASE WHEN count(*) OVER (PARTITION BY layer) = 1 THEN 'L' || layer ELSE sae_id END AS key
FROM sae
WHERE run_id = $$run_id AND described
ORDER BY layer, sae_id

-- name: site_features
-- What any page says of a feature that it names.
CREATE OR REPLACE TEMP TABLE site_feature AS
SELECT sae_id, key, feature, coalesce(name, label, published_label) AS name, top_genes, alive
FROM feature
JOIN site_sae USING (sae_id)
WHERE run_id = $$run_id

-- name: site_genes
CREATE OR REPLACE TEMP TABLE site_gene AS
SELECT (row_number() OVER (ORDER BY symbol) - 1)::INTEGER AS place, symbol, count(*) AS n_features
FROM feature_gene
SEMI JOIN site_sae USING (sae_id)
WHERE run_id = $$run_id AND coalesce(shown, true)
GROUP BY symbol

-- name: site_terms
CREATE OR REPLACE TEMP TABLE site_term AS
SELECT
    (row_number() OVER (ORDER BY library, term) - 1)::INTEGER AS place, library, term, max(n_set) AS n_set,
    count(*) AS n_features
FROM annotation
SEMI JOIN site_sae USING (sae_id)
WHERE run_id = $$run_id AND significant
GROUP BY library, term

-- name: site_list_autoencoders
SELECT sae_id, key, n_features FROM site_sae ORDER BY layer, sae_id

-- name: site_list_genes
SELECT symbol, n_features FROM site_gene ORDER BY place

-- name: site_list_terms
SELECT library, term, n_features FROM site_term ORDER BY place

-- name: site_list_types
SELECT top_cell_type, count(*)
FROM feature
SEMI JOIN site_sae USING (sae_id)
WHERE run_id = $$run_id AND top_cell_type IS NOT NULL AND alive
GROUP BY top_cell_type
ORDER BY top_cell_type

-- name: site_list_modules
SELECT key, module, module.n_features, labels
FROM module
JOIN site_sae USING (sae_id)
LEFT JOIN (
    SELECT sae_id, module, string_agg(label, '; ' ORDER BY rank) AS labels
    FROM module_label
    WHERE run_id = $$run_id
    GROUP BY ALL
) USING (sae_id, module)
WHERE run_id = $$run_id
ORDER BY layer, sae_id, module

-- name: site_volume
-- Rows that a site of the run will show, by what they take: what the room on the disk is reckoned from.
SELECT
    (SELECT count(*) FROM site_feature)
    + (SELECT coalesce(sum(n_features), 0) FROM site_gene)
    + (SELECT coalesce(sum(n_features), 0) FROM site_term)
    + (SELECT count(*) FROM feature_neighbour WHERE run_id = $$run_id)
    + (SELECT count(*) FROM feature_top_cell WHERE run_id = $$run_id)
    + (SELECT count(*) FROM feature_cell_type WHERE run_id = $$run_id)
    + (SELECT count(*) FROM cross_layer_link WHERE run_id = $$run_id)
    + (
        SELECT coalesce(sum(least(degree, $$most)), 0)
        FROM (SELECT direction, sae_id, feature, sum(degree) AS degree FROM feature_degree
            WHERE run_id = $$run_id AND effect = 'total' AND criterion = $$rule GROUP BY ALL)
    ) AS n_rows

-- name: site_rule
-- The rule by which pages list edges: specific where it calls any, else calibrated; NULL where nothing was traced.
SELECT CASE WHEN sum(degree) FILTER (criterion = 'specific') > 0 THEN 'specific' WHEN count(*) > 0 THEN 'calibrated' END
FROM feature_degree
WHERE run_id = $$run_id AND direction = 'out' AND effect = 'total'

-- name: site_layers
SELECT
    key, layer_summary.*, 1 - fvu AS variance_explained
FROM layer_summary
JOIN site_sae USING (sae_id, layer)
WHERE run_id = $$run_id
ORDER BY layer, sae_id

-- name: site_telling
-- Which features to look at first, where no type of cells is told: those with the surest gene sets.
SELECT key, feature, name, top_genes, label, label_library, label_q
FROM site_feature
JOIN (
    SELECT sae_id, feature, label, label_library, label_q
    FROM feature
    WHERE run_id = $$run_id AND label_q IS NOT NULL AND tier = 'normal'
) USING (sae_id, feature)
ORDER BY label_q, key, feature
LIMIT $$most

-- name: site_layer_list
-- All living features of an autoencoder, as its list and the search show them.
SELECT
    feature, coalesce(name, label, published_label) AS name, top_genes, label, top_cell_type,
    short(coalesce(top_cell_type_low, top_cell_type_auroc)) AS low, short(frequency), tier,
    coalesce(n_edges, 0)::INTEGER AS n_edges
FROM feature
LEFT JOIN (
    SELECT feature, sum(degree) AS n_edges
    FROM feature_degree
    WHERE run_id = $$run_id AND sae_id = $$sae_id AND effect = 'total' AND criterion = $$rule
    GROUP BY feature
) USING (feature)
WHERE run_id = $$run_id AND sae_id = $$sae_id AND alive
ORDER BY feature

-- name: site_memory
SET memory_limit = '1GB'

-- name: site_run
SELECT run_id, study, title, imported, device, precision, seed, hardware, versions, started, finished
FROM run
WHERE run_id = $$run_id
