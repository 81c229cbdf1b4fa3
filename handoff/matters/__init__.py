"""Where the customer sees how their matter stands, by a secret link."""
