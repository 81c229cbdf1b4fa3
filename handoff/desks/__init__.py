"""Another desk instead of ours: any HTTP endpoint, or Chatwoot."""
