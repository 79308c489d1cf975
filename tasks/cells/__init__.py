"""Read ``.h5ad`` files, choose cells, tokenise them."""
