"""What helps agents to write: reply templates and the words that they know better than the proofreader."""
