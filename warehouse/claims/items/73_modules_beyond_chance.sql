-- kind: Layers, modules and axes
-- question: Are features grouped more clearly than in rewired networks?
-- claim: Features form modules.
-- level: decoding
-- rule: P1
-- needs: module.null_sd, module.n_null
-- next: Ask for `modules.wanted = true`, with `modules.rewirings = 5` or more; say nothing of modules of layers that
--     fall.
--
-- Is the modularity one more draw of what rewired networks have? Student's prediction interval, one-sided, of at least
-- five networks. Without their spread, what does not reach their mean falls, and what does stays open.
WITH layer AS (
    SELECT DISTINCT
        run_id, sae_id, modularity, null_modularity, coalesce(n_null, 0)::DOUBLE AS n, coalesce(null_sd, 0) AS sd
    FROM module
),
judged AS (
    SELECT
        *,
        null_modularity + CASE WHEN n > 1
            THEN sd * sqrt(1 + 1 / n) * (1.645 + 1.52 / (n - 1) + 1.4 / (n - 1) ** 2)
            ELSE 0
        END AS least
    FROM layer
)
SELECT
    run_id,
    sae_id AS part,
    coalesce(modularity <= null_modularity OR (n >= 5 AND sd > 0), false) AS sound,
    modularity > least AS passed,
    modularity AS observed,
    least AS bound,
    CASE
        WHEN null_modularity IS NULL THEN 'modularity of rewired networks is not known'
        WHEN n = 0
            THEN format('modularity {:.3f}, of rewired networks {:.3f}, whose spread is not kept', modularity,
                null_modularity)
        ELSE format('modularity {:.3f}, of {} rewired networks {:.3f} ± {:.3f}{}', modularity, n::INTEGER,
            null_modularity, sd, CASE WHEN n < 5 THEN ', of at least five' ELSE '' END)
    END AS why
FROM judged
