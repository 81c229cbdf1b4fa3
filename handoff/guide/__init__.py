"""The guides for agents and for editors: each a folder of Markdown files, on one page for whoever is logged in."""
