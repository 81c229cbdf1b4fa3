"""FAQ entries, the index over them, and the decision whether one of them answers."""
