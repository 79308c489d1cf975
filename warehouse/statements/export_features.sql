SELECT * EXCLUDE run_id, printf('L%d_F%d', layer, feature) AS name
FROM feature
WHERE run_id = $$run_id
ORDER BY layer, sae_id, feature
