"""What a model directory says before its weights are read: family, layers, genes and tokens."""
