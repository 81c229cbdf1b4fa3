"""The editor's room: entries are written, tried and published here."""
