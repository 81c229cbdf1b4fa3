"""What could be better about an entry: hints, each with its reason and its place. Pure rules; a hint never stops anybody from saving."""
