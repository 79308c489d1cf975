CREATE OR REPLACE MACRO compare_runs(a, b) AS TABLE
WITH figures AS (
    UNPIVOT (
        SELECT
            run_id, layer,
            n_features::DOUBLE AS features,
            n_alive::DOUBLE AS living_features,
            1 - fvu AS variance_explained,
            l0,
            loss_recovered,
            embedding_recovered,
            annotated_fraction,
            edges_out_calibrated::DOUBLE AS calibrated_edges_leaving,
            edges_in_calibrated::DOUBLE AS calibrated_edges_reaching,
            edges_out_specific::DOUBLE AS specific_edges_leaving,
            edges_in_specific::DOUBLE AS specific_edges_reaching,
            edges_out_published::DOUBLE AS published_edges_leaving,
            edges_in_published::DOUBLE AS published_edges_reaching
        FROM layer_summary
        WHERE run_id IN (a, b)
    )
    ON COLUMNS(* EXCLUDE (run_id, layer))
    INTO NAME figure VALUE amount
)
SELECT
    layer,
    figure,
    avg(amount) FILTER (run_id = a) AS in_a,
    avg(amount) FILTER (run_id = b) AS in_b,
    in_b - in_a AS difference
FROM figures
GROUP BY layer, figure
ORDER BY figure, layer;
COMMENT ON MACRO TABLE compare_runs IS 'Layer by layer, the figures of two runs side by side (the mean where a layer has several autoencoders): compare_runs(a, b).';
