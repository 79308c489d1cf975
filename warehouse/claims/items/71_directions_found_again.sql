-- kind: Layers, modules and axes
-- question: Are more directions found again in another layer than in a random dictionary?
-- claim: Features persist from layer to layer.
-- level: decoding
-- rule: P1
-- needs: persistence
-- next: Ask for `tracking.wanted = true`, and train a second seed as the ceiling: `compare.seeds = [1]`.
--
SELECT
    run_id,
    from_sae || ' to ' || to_sae || coalesce(', ' || rule, '') AS part,
    null_rate IS NOT NULL AND low IS NOT NULL AS sound,
    low > null_rate AS passed,
    persistence_rate AS observed,
    null_rate AS bound,
    CASE
        WHEN null_rate IS NULL THEN format('{:.2f} % found again, beside no random dictionary', 100 * persistence_rate)
        ELSE format('{:.1f} % found again (at least {:.1f}), in random dictionaries {:.2f} %',
            100 * persistence_rate, 100 * low, 100 * null_rate)
    END AS why
FROM persistence
WHERE rule IS DISTINCT FROM 'published'
