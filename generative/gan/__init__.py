"""Generators that learn by a game or by matching moments, graded exactly where truth is known."""
