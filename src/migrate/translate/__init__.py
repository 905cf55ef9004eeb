"""MySQL's expressions, queries and stored programs as PostgreSQL's, or a refusal that says why.

sqlglot reads expressions and queries; only what is known here to mean the same in PostgreSQL is written again, so a
function or clause that nobody thought of is refused and never passed through.
"""
