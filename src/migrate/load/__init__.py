"""The load: what a reader tells, done to a target: a running server, a script, or nothing but a look (`inspect`)."""
