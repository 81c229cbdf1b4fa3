"""Entries as a table: CSV and XLSX in and out. A file from anywhere is read as hostile, and nothing in it is ever computed."""
