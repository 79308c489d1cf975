INSERT INTO main.${table} BY NAME SELECT * FROM staging.${table};
