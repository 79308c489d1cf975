-- One row an autoencoder: how good it is, how much of it is annotated (beside the null), how connected it is.
CREATE OR REPLACE VIEW layer_summary AS
WITH living AS (
    SELECT run_id, sae_id, count(*) FILTER (alive) AS n_alive
    FROM feature
    GROUP BY ALL
),
annotated AS (
    SELECT run_id, sae_id, annotated_fraction, null_mean AS annotated_null_mean, null_sd AS annotated_null_sd
    FROM annotation_summary
    WHERE library = 'all' AND rule IS DISTINCT FROM 'published'
),
edges AS (
    SELECT
        run_id,
        sae_id,
        sum(degree) FILTER (direction = 'out' AND criterion = 'calibrated') AS edges_out_calibrated,
        sum(degree) FILTER (direction = 'in' AND criterion = 'calibrated') AS edges_in_calibrated,
        sum(degree) FILTER (direction = 'out' AND criterion = 'published') AS edges_out_published,
        sum(degree) FILTER (direction = 'in' AND criterion = 'published') AS edges_in_published,
        sum(degree) FILTER (direction = 'out' AND criterion = 'specific') AS edges_out_specific,
        sum(degree) FILTER (direction = 'in' AND criterion = 'specific') AS edges_in_specific
    FROM feature_degree
    WHERE effect = 'total'
    GROUP BY ALL
)
SELECT
    sae.run_id,
    sae.sae_id,
    sae.model_id,
    sae.layer,
    sae.n_features,
    coalesce(n_alive, 0) AS n_alive,
    sae.dead_fraction,
    sae.fvu,
    sae.l0,
    sae.loss_recovered,
    sae.embedding_recovered,
    annotated_fraction,
    annotated_null_mean,
    annotated_null_sd,
    coalesce(edges_out_calibrated, 0)::UBIGINT AS edges_out_calibrated,
    coalesce(edges_in_calibrated, 0)::UBIGINT AS edges_in_calibrated,
    coalesce(edges_out_published, 0)::UBIGINT AS edges_out_published,
    coalesce(edges_in_published, 0)::UBIGINT AS edges_in_published,
    CASE WHEN controlled.run_id IS NOT NULL THEN coalesce(edges_out_specific, 0)::UBIGINT END AS edges_out_specific,
    CASE WHEN controlled.run_id IS NOT NULL THEN coalesce(edges_in_specific, 0)::UBIGINT END AS edges_in_specific
FROM sae
LEFT JOIN living USING (run_id, sae_id)
LEFT JOIN annotated USING (run_id, sae_id)
LEFT JOIN edges USING (run_id, sae_id)
LEFT JOIN (SELECT DISTINCT run_id FROM criterion WHERE criterion = 'specific') AS controlled USING (run_id)
WHERE described;
COMMENT ON VIEW layer_summary IS 'One row an autoencoder whose features are described: quality, annotated fraction beside its null, edges of total effects in and out by criterion (specific ones NULL where no control displacements were measured).';
