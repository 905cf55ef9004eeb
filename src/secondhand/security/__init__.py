"""What keeps members and the shop safe: one noun per module."""
