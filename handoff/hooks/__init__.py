"""The pages on which an admin sets up webhooks and sees what became of them."""
