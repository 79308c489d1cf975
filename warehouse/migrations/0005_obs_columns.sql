ALTER TABLE "cell" ADD COLUMN "source" VARCHAR;
COMMENT ON TABLE "cell" IS 'Every cell of the input files, chosen or dropped, with the reason.';
COMMENT ON COLUMN "cell"."cell_id" IS 'Row of the cell in the input file, from 0; in a second file they go on after those of the first';
COMMENT ON COLUMN "cell"."n_counts" IS 'Total counts over all genes of the file, or over those that all files have';
COMMENT ON COLUMN "cell"."source" IS 'File of the cell, without folders; NULL in imported runs';
CREATE TABLE "cell_obs" (
    "run_id" VARCHAR,
    "cell_id" UINTEGER,
    "key" VARCHAR,
    "value" VARCHAR,
    "number" DOUBLE,
    "kind" VARCHAR
);
COMMENT ON TABLE "cell_obs" IS 'What the input files say of the cells in use: the obs columns that the study names (cells.obs), such as donor, batch or treatment.';
COMMENT ON COLUMN "cell_obs"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "cell_obs"."cell_id" IS 'Cell, one that is used';
COMMENT ON COLUMN "cell_obs"."key" IS 'Name of the obs column';
COMMENT ON COLUMN "cell_obs"."value" IS 'What a category or boolean column says; NULL if nothing, and for numbers';
COMMENT ON COLUMN "cell_obs"."number" IS 'What a number column says, in the fewest digits of its own precision; NULL if nothing, and for other kinds';
COMMENT ON COLUMN "cell_obs"."kind" IS 'What the column holds: names, numbers, or true and false';
