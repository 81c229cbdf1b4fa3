"""People who log in: agents, editors, supervisors, admins."""
