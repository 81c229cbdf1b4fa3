"""Figures for the supervisor."""
