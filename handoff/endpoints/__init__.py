"""Other systems that want to hear what happens: who they are, what they are told, and how it gets there."""
