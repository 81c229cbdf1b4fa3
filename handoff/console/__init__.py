"""The agents' desk: who waits, what was said, and answering."""
