"""The API for other programs, `/api/v1`, and the page on which an admin makes its keys."""
