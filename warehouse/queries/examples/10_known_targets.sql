-- Which predicted gene pairs are known targets of a transcription factor?
WITH newest AS (
    SELECT run_id FROM run WHERE NOT imported ORDER BY finished DESC LIMIT 1
)
SELECT source_gene, target_gene, n_edges, n_sources, round(score, 2) AS score,
    CASE WHEN signed_score > 0 THEN 'supports' WHEN signed_score <= 0 THEN 'opposes' END AS direction
FROM gene_pair
JOIN newest USING (run_id)
WHERE known_tf_target
ORDER BY gene_pair.score DESC, source_gene, target_gene
LIMIT 20
