SELECT batch.*
FROM batch
ANTI JOIN ${table} AS referred ON ${same}
WHERE ${given}
