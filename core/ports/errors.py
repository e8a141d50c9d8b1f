"""What every store can fail with, and what reading from one can."""


class StoreUnavailable(Exception):
    """The store is unavailable, throttled or not set up.

    Nothing of the call was written, or its outcome is unknown.

    The same call may be made again. ``str()`` says why, for the log; ``retry_after`` is in whole
    seconds.
    """

    def __init__(self, reason: str, retry_after: int = 1) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class UnknownEvent(Exception):
    """A stored event whose type, schema version or data this version of the code cannot read."""
