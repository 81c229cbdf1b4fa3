"""Tickets that begin in the contact form."""
