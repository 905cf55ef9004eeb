"""Benchmarks: the migration tool beside PostgreSQL's own COPY and beside pgloader, on the same rows and server."""
