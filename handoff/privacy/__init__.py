"""The notice, and a person's rights to their own data."""
