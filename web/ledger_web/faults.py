"""What can be wrong with a request, beside what can be wrong with a statement: a branch of the one tree of errors.

    LedgerError
    └── RequestFault           status
        ├── NotThere           404  no such page, entry, merchant …
        ├── NotAllowed         405  this method is not for this address
        ├── NotUnderstood      400  a parameter or a body that makes no sense
        ├── TooSlow            408  the sender takes too long
        ├── OutOfStep          409  an upload that goes on at another place than it ended
        ├── Gone               410  an upload that has been swept
        ├── TooLong            413  more bytes than are taken
        ├── WrongType          415  a content type that is not taken here
        ├── Invalid            422  parameters that are not what the address asks for
        ├── WrongHost          421  asked for under a name that this server does not have
        ├── SignInNeeded       401  only for readers who have shown a granted key
        ├── NotYours           403  beyond what this reader may see, whether it is there or not
        ├── CrossSite          403  sent by a page of another site
        ├── Busy               503  the queue is full, or the server is ending
        └── Broken             500  a mistake of this program

Each says what is wrong and what to do next, as every error does. Showing it is `problems`' work.

>>> NotThere(Message("there is no such page")).status
404
"""

from __future__ import annotations

from ledger.errors import LedgerError
from ledger.messages import Message


class RequestFault(LedgerError):
    """What is wrong with a request; `retry_after` are the seconds after which it may be tried again."""

    title = Message("Request not understood")
    status = 400

    def __init__(
        self,
        message: str,
        /,
        *,
        field: str | None = None,
        index: int | None = None,
        retry_after: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message, field=field, index=index)
        self.retry_after = retry_after
        self.headers = headers or {}


class NotThere(RequestFault):
    title, status = Message("Not found"), 404


class NotAllowed(RequestFault):
    title, status = Message("Method not allowed"), 405


class NotUnderstood(RequestFault):
    title, status = Message("Request not understood"), 400


class TooSlow(RequestFault):
    title, status = Message("Sent too slowly"), 408


class OutOfStep(RequestFault):
    title, status = Message("Upload out of step"), 409


class Gone(RequestFault):
    title, status = Message("Gone"), 410


class TooLong(RequestFault):
    title, status = Message("Too large"), 413


class WrongType(RequestFault):
    title, status = Message("Unsupported content type"), 415


class Invalid(RequestFault):
    """`problems`: one for each parameter."""

    title, status = Message("Parameters not as asked for"), 422

    def __init__(self, message: str, /, *, problems: list[dict[str, str]]) -> None:
        super().__init__(message, field=problems[0]["field"] if problems else None)
        self.problems = problems


class WrongHost(RequestFault):
    title, status = Message("Unknown host name"), 421


class SignInNeeded(RequestFault):
    title, status = Message("Sign-in needed"), 401


class NotYours(RequestFault):
    title, status = Message("Not for this reader"), 403


class CrossSite(RequestFault):
    title, status = Message("Cross-site request refused"), 403


class Busy(RequestFault):
    title, status = Message("Server busy"), 503


class Broken(RequestFault):
    title, status = Message("Internal error"), 500
