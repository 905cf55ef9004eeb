"""Members: signing up, logging in and out."""
