COMMENT ON COLUMN ${table}.${column} IS ${meaning};
