-- kind: Data and machinery
-- question: Do the effects of single cells give the means that edges are called by?
-- claim: Every statistic of an edge can be computed again from what is stored.
-- level: none
-- rule: P10
-- needs: layer_pair.n_recomputed
-- next: Load the trace anew (`scfm restore`); where that does not help, trace the layer again.
--
-- All pairs of five sources an autoencoder, computed again when the trace was loaded: the mean over cells, zeros
-- included, against the stored one, in single precision.
SELECT
    run_id,
    effect AS part,
    max(recomputed_largest) > 0 AS sound,
    max(recomputed_difference) <= 1e-5 * max(recomputed_largest) AS passed,
    max(recomputed_difference) AS observed,
    1e-5 * max(recomputed_largest) AS bound,
    format('{} means computed again differ by {:.2g} at most, the largest is {:.3g}', sum(n_recomputed)::BIGINT,
        max(recomputed_difference), max(recomputed_largest)) AS why
FROM layer_pair
GROUP BY run_id, effect
HAVING sum(n_recomputed) > 0
