COMMENT ON COLUMN "sae"."variant" IS 'Kind of autoencoder, by what it was trained for';
