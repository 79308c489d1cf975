CREATE TABLE "null_draw" (
    "run_id" VARCHAR,
    "analysis" VARCHAR,
    "statistic" VARCHAR,
    "null_kind" VARCHAR,
    "scope" VARCHAR,
    "draw" UINTEGER,
    "value" DOUBLE
);
COMMENT ON TABLE "null_draw" IS 'What statistics were in every draw under a null: the distributions behind permutation p-values.';
COMMENT ON COLUMN "null_draw"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "null_draw"."analysis" IS 'Analysis that drew, by the name of the table that holds the observed value';
COMMENT ON COLUMN "null_draw"."statistic" IS 'What was computed in every draw';
COMMENT ON COLUMN "null_draw"."null_kind" IS 'What the null keeps';
COMMENT ON COLUMN "null_draw"."scope" IS 'What the statistic is of, such as a layer, a module or a pair of domains; all if it is one number';
COMMENT ON COLUMN "null_draw"."draw" IS 'Draw, from 1; equal numbers of one null are one draw';
COMMENT ON COLUMN "null_draw"."value" IS 'The statistic in this draw; NULL where the draw is empty of what it is computed from';
