SELECT *
FROM (SELECT ${columns}, lag(row(${columns})) OVER () AS row_before FROM batch)
WHERE row(${columns}) <= row_before
