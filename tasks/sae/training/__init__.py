"""Train autoencoders of one layer, several from the same batches, with checkpoints to go on from."""
