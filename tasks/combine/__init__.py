"""Several features at once, at one layer or several: what they do together beside what each does alone."""
