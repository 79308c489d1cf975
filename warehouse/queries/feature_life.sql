-- Which features of other layers are the same direction, carried on?
-- Columns: layer, sae_id, feature, cosine, code_r, top_genes, label, frequency
WITH own AS (
    SELECT life FROM feature_life WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
),
chain AS (
    SELECT feature_life.sae_id, feature_life.feature
    FROM feature_life
    JOIN own USING (life)
    WHERE feature_life.run_id = $run_id
),
links AS (  -- each feature of the chain with the one before it
    SELECT to_sae AS sae_id, to_feature AS feature, cosine, code_r
    FROM feature_match
    JOIN chain ON chain.sae_id = from_sae AND chain.feature = from_feature
    JOIN chain AS next ON next.sae_id = to_sae AND next.feature = to_feature
    WHERE run_id = $run_id AND matched
    QUALIFY row_number() OVER (PARTITION BY to_sae, to_feature ORDER BY from_sae DESC) = 1
)
SELECT layer, sae_id, feature, cosine, code_r, top_genes, label, frequency
FROM chain
JOIN (
    SELECT layer, sae_id, feature, top_genes, label, frequency FROM feature WHERE run_id = $run_id
) USING (sae_id, feature)
LEFT JOIN links USING (sae_id, feature)
ORDER BY layer
