-- kind: Data and machinery
-- question: Do features differ in how many edges they have?
-- claim: Edges tell one feature from another.
-- level: none
-- rule: P0
-- needs: null_feature
-- next: Trace with controls (`trace.n_controls = 16`) and look at what an edit of nothing does.
--
-- A hook that deletes the block with the edit gives every feature nearly the same number of edges.
SELECT
    run_id,
    effect AS part,
    count(*) >= 20 AND sum(observed) > 0 AS sound,
    stddev_samp(observed) / nullif(avg(observed), 0) >= 0.05 AS passed,
    stddev_samp(observed) / nullif(avg(observed), 0) AS observed,
    0.05 AS bound,
    format('over {} features the number of edges has mean {:.4g} and standard deviation {:.3g}',
        count(*), avg(observed), coalesce(stddev_samp(observed), 0)) AS why
FROM null_feature
WHERE criterion = 'calibrated' AND n_cells > 1
GROUP BY run_id, effect
