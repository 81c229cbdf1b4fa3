"""Customers who want to be called."""
