-- Where does the model put each cell before and after features are changed?
-- Columns: cell_id, label, batch, x, y, new_x, new_y
SELECT cell.cell_id, cell.label, cell.batch, before.x, before.y, after.x AS new_x, after.y AS new_y
FROM embedding_map AS after
JOIN embedding_map AS before USING (run_id, sae_id, cell_id)
JOIN shift_cell AS cell USING (run_id, sae_id, cell_id)
WHERE run_id = $run_id AND sae_id = $sae_id AND after.setting = $setting AND before.setting = 'clean'
ORDER BY cell.cell_id
