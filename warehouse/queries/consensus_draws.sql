-- How many pairs of domains do edges join in both studies, draw by draw of each null?
-- Columns: other, null_kind, draw, n_both
SELECT consensus_test.other, null_draw.null_kind, null_draw.draw, null_draw.value AS n_both
FROM null_draw
JOIN consensus_test
    ON
        consensus_test.run_id = null_draw.run_id AND consensus_test.null_kind = null_draw.null_kind
        AND null_draw.scope = consensus_test.kind || ', ' || consensus_test.other
WHERE null_draw.run_id = $run_id AND null_draw.analysis = 'consensus_test' AND consensus_test.kind = $kind
ORDER BY consensus_test.other, null_draw.null_kind, null_draw.draw
