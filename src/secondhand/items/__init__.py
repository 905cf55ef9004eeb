"""Clothes for sale."""
