"""The old shop: its schema, its people and what they had for sale."""
