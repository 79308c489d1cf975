"""What is known of genes: gene sets and networks as files hold them, and tests of gene lists against them."""
