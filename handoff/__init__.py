"""People: conversations that are kept, agents who take them, editors who write the answers."""
