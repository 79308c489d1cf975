INSERT INTO ${table} BY NAME
SELECT * FROM (
${query}
)
ORDER BY ${key}
