SET disabled_compression_methods = 'fsst,zstd,chimp,patas,roaring,alp,alprd'
