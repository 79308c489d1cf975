-- kind: Layers, modules and axes
-- question: Do features of two layers fire together more often than their genes make them?
-- claim: Highways carry information from layer to layer.
-- level: decoding
-- rule: P1
-- needs: cross_layer_summary
-- next: Ask for `links.wanted = true` with `links.rule = "given_gene"`.
--
-- Twenty joint firings at least: mutual information of a single one passes any threshold.
SELECT
    run_id,
    source_sae || ' to ' || target_sae AS part,
    n_highways_by_gene IS NOT NULL AND highway_low IS NOT NULL AS sound,
    highway_low > n_highways_by_gene / n_alive_source AND n_min >= 10 AS passed,
    n_highways / nullif(n_alive_source, 0) AS observed,
    n_highways_by_gene / nullif(n_alive_source, 0) AS bound,
    CASE
        WHEN n_highways_by_gene IS NULL
            THEN format('{} of {} features have one; what chance gives is not known', n_highways, n_alive_source)
        ELSE format('{} of {} features have one of {} joint firings; {} by their genes alone',
            n_highways, n_alive_source, n_min, n_highways_by_gene)
    END AS why
FROM cross_layer_summary
