"""Draws garments from their look: Pillow, anti-aliased, the same picture for the same name."""
