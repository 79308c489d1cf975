SELECT coalesce(max(rowid), -1) FROM ${table}
