"""From a customer's words to a decision. No database and no web in this package."""
