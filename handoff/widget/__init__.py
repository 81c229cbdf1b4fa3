"""The customer's chat: a script for any site, and the few requests it makes."""
