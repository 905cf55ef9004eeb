"""Conversations between a seller and somebody who asks about an item."""
