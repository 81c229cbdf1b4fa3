"""The door for a separate bot: handoffs over HTTP, authenticated and idempotent."""
