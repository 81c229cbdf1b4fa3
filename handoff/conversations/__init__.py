"""A conversation: its states, its numbered events, and every change to it as one transaction."""
