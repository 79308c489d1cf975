SET disabled_compression_methods = 'fsst,dict_fsst,zstd,chimp,patas,roaring,alp,alprd'
