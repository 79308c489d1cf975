-- kind: Layers, modules and axes
-- question: Are features grouped more clearly than in rewired networks?
-- claim: Features form modules.
-- level: decoding
-- rule: P1
-- needs: module
-- next: Ask for `modules.wanted = true` with more `modules.rewirings`; say nothing of modules of layers that fall.
--
-- Only the mean over rewired networks is kept: below it the claim falls, above it, without the spread, it stays open.
SELECT DISTINCT
    run_id,
    sae_id AS part,
    coalesce(modularity <= null_modularity, false) AS sound,
    CASE WHEN modularity <= null_modularity THEN false END AS passed,
    modularity AS observed,
    null_modularity AS bound,
    CASE
        WHEN null_modularity IS NULL THEN 'modularity of rewired networks is not known'
        WHEN modularity <= null_modularity
            THEN format('modularity {:.3f}, of rewired networks {:.3f}', modularity, null_modularity)
        ELSE format('modularity {:.3f}, of rewired networks {:.3f} on average, whose spread is not kept', modularity,
            null_modularity)
    END AS why
FROM module
