"""What a run's own tables say of the claims that people make about it: one file of SQL per question in ``items``."""
