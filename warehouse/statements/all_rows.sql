SELECT * FROM main.${table}
