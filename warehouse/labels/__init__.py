"""Human labels and lists of features: kept beside the warehouse, never in it."""
