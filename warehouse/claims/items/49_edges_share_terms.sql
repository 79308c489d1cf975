-- kind: Edges
-- question: Do edges join features of one programme more often than like targets would?
-- claim: Circuits are coherent: edges stay within a biological programme.
-- level: agreement
-- rule: P1
-- needs: coherence.share_identical, coherence.movable, coherence.n_null
-- requires: zero_edit
-- next: Ask for the analysis that fills table coherence, and quote the share that exchanged targets have.
--
-- Targets are exchanged for others of like frequency and number of terms, since sources rich in terms share one with
-- nearly anything. An exchange that moves little, or nearly always gives the observed number, decides nothing.
SELECT
    run_id,
    concat_ws(', ', effect, criterion, source_sae || ' to ' || target_sae) AS part,
    p IS NOT NULL AND n_null >= 19 AND movable >= 0.9 AND share_identical <= 0.5 AS sound,
    q <= 0.05 AND share > null_mean AS passed,
    share AS observed,
    null_mean AS bound,
    CASE
        WHEN share IS NULL THEN 'no edge has two annotated ends'
        ELSE format('{:.1f} % of {} edges share a term, with targets exchanged {:.1f} % (q {:.2g})',
            100 * share, n_pairs, 100 * null_mean, coalesce(q, 1))
    END AS why
FROM coherence
WHERE rule = 'matched' AND criterion <> 'published'
