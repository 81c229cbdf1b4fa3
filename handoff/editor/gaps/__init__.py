"""What is missing: questions that were not answered, in groups that ask the same, and what an editor makes of them."""
