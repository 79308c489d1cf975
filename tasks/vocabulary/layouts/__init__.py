"""Which files a model of each family has, and what they say without the weights. Nothing here needs torch."""
