"""What can go wrong, drawn once. Raised in the middle, turned into a status code at one edge (`handoff.app`).

AbilineError                    message is for people: names the place and the mend
├── SettingsError               the start stops; names the key
├── NotFound            404     no such thing, or not yours: the two look the same from outside
├── NotAllowed          403     known person, wrong role or not the holder
├── NotLoggedIn         401
├── MoveRefused         409     the conversation's state does not allow it; names both states
├── AlreadyTaken        409     someone else was first; names who
├── TooLarge            413     longer than anything of ours is; 431 where it is the headers
├── Unreadable          422     the input can't be used; names the field and the mend
├── Unopenable          500     something sealed was changed, moved, or sealed with a key that is not here; names the place, never the content
└── TooMany             429     slow down; `retry_after` in seconds
"""

from __future__ import annotations


class AbilineError(Exception):
    """Base of all errors that people read. `code` is stable for programs, the message is for people."""

    status = 500
    code = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SettingsError(AbilineError):
    code = "settings"


class NotFound(AbilineError):
    status = 404
    code = "not_found"


class NotAllowed(AbilineError):
    status = 403
    code = "not_allowed"


class NotLoggedIn(AbilineError):
    status = 401
    code = "not_logged_in"


class MoveRefused(AbilineError):
    status = 409
    code = "move_refused"


class AlreadyTaken(AbilineError):
    status = 409
    code = "already_taken"

    def __init__(self, message: str, *, holder: str | None = None) -> None:
        super().__init__(message)
        self.holder = holder


class TooLarge(AbilineError):
    code = "too_large"

    def __init__(self, message: str, *, status: int = 413) -> None:
        super().__init__(message)
        self.status = status


class Unreadable(AbilineError):
    """`code` says what is wrong (`empty`, `too_long`, `not_text`, …) so that a page can say it in its own language."""

    status = 422

    def __init__(self, message: str, *, code: str = "unreadable", field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.field = field


class Unopenable(AbilineError):
    code = "unopenable"


class TooMany(AbilineError):
    status = 429
    code = "too_many"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
