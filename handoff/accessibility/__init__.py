"""The accessibility statement: what was looked at and how, what is known to be missing, where to write."""
