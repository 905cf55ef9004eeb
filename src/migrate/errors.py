"""What can stop a migration, by whose fault; the number is the exit code."""


class MigrateError(Exception):
    """Something the user has to know in one line: what happened, where, and the way out."""

    exit_code = 3


class InputError(MigrateError):
    """The command line or the source is wrong: no retry will help before it is mended."""

    exit_code = 2


class SourceError(MigrateError):
    """The source could not be read."""


class TargetError(MigrateError):
    """PostgreSQL, or the way to it, failed."""


class LostConnectionError(TargetError):
    """The connection to PostgreSQL ended, or could not be made: trying again may help."""


class CrowdedError(LostConnectionError):
    """PostgreSQL has as many connections as it may."""


class LostWorkError(LostConnectionError):
    """PostgreSQL went down and came back without the last of what it had said was done: to reconnect does not help."""


class AbortedError(TargetError):
    """Somebody has taken away what the run had made, while it was under way."""

    def __init__(self, run: int) -> None:
        super().__init__(f"run {run} was aborted while it was under way")


class UnfinishedError(TargetError):
    """The run was interrupted, and can go on where it stopped."""


class StoppedError(UnfinishedError):
    """The user, or whoever runs the process, asked it to stop."""

    exit_code = 130
