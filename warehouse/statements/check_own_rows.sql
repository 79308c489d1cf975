SELECT batch.*
FROM batch
JOIN run ON run.run_id = batch.run_id
WHERE ${condition} AND NOT run.imported
