"""Log-in, one's own account, and looking after the people who have one."""
