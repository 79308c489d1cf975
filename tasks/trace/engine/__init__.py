"""What a displacement of a cell does downstream: engines of total, adjacent and direct effects."""
