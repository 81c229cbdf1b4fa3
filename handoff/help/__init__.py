"""The published entries as a public help page."""
