-- kind: Edges
-- question: Does the effect remain when the layers between are frozen?
-- claim: The feature acts on its target directly.
-- level: mechanism
-- rule: P3
-- needs: effect_comparison
-- next: Trace both kinds: `trace.effects = ["total", "direct"]`, with `trace.target_layers = "all"`.
--
SELECT
    run_id,
    source_sae || ' to ' || target_sae AS part,
    n_total >= 20 AS sound,
    n_both >= 0.8 * n_total AS passed,
    n_both / nullif(n_total, 0) AS observed,
    0.8 AS bound,
    format('{} of {} edges are edges of direct effects, too', n_both, n_total) AS why
FROM effect_comparison
WHERE criterion = 'calibrated' AND target_layer > source_layer + 1
