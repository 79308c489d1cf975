-- Edges whose two ends share a significant term, and which: terms of different libraries are different terms. Features
-- with many terms share one with nearly anything; table coherence says how many edges would by chance.
CREATE OR REPLACE VIEW edge_shared_term AS
WITH carried AS (
    SELECT run_id, sae_id, feature, list_sort(list(DISTINCT library || '::' || term)) AS terms
    FROM annotation
    WHERE significant
    GROUP BY ALL
)
SELECT
    edge.run_id,
    edge.criterion,
    edge.effect,
    edge.source_sae,
    edge.source_layer,
    edge.source_feature,
    edge.target_sae,
    edge.target_layer,
    edge.target_feature,
    edge.d,
    edge.g,
    edge.q,
    list_filter(source.terms, lambda term: list_contains(target.terms, term)) AS shared_terms,
    len(source.terms)::UINTEGER AS n_source_terms,
    len(target.terms)::UINTEGER AS n_target_terms
FROM edge
JOIN carried AS source ON source.run_id = edge.run_id
    AND source.sae_id = edge.source_sae AND source.feature = edge.source_feature
JOIN carried AS target ON target.run_id = edge.run_id
    AND target.sae_id = edge.target_sae AND target.feature = edge.target_feature
WHERE list_has_any(source.terms, target.terms);
COMMENT ON VIEW edge_shared_term IS 'Edges whose ends share a significant term (library::term), with these terms and how many either end has.';
