"""The guide for agents: the very files of `docs/juhend`, on one page for whoever is logged in."""
