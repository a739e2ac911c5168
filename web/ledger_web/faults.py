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

Each says in Chinese and in English what is wrong and what to do next. Showing it is `problems`' work.

>>> NotThere("no such page", zh="没有这个页面").status
404
"""

from __future__ import annotations

from ledger.errors import LedgerError


class RequestFault(LedgerError):
    """What is wrong with a request; `retry_after` are the seconds after which it may be tried again."""

    zh = "请求有误"
    en = "Bad request"
    status = 400

    def __init__(
        self,
        message: str,
        *,
        zh: str,
        field: str | None = None,
        index: int | None = None,
        retry_after: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message, field=field, index=index)
        self.message_zh = zh
        self.retry_after = retry_after
        self.headers = headers or {}


class NotThere(RequestFault):
    zh, en, status = "不存在", "Not found", 404


class NotAllowed(RequestFault):
    zh, en, status = "方法不允许", "Method not allowed", 405


class NotUnderstood(RequestFault):
    zh, en, status = "请求有误", "Request not understood", 400


class TooSlow(RequestFault):
    zh, en, status = "发送过慢", "Sent too slowly", 408


class OutOfStep(RequestFault):
    zh, en, status = "上传位置不符", "Upload out of step", 409


class Gone(RequestFault):
    zh, en, status = "已失效", "Gone", 410


class TooLong(RequestFault):
    zh, en, status = "内容过大", "Too large", 413


class WrongType(RequestFault):
    zh, en, status = "内容类型不支持", "Unsupported content type", 415


class Invalid(RequestFault):
    """`problems`: one for each parameter."""

    zh, en, status = "参数不合要求", "Parameters not as asked for", 422

    def __init__(self, message: str, *, zh: str, problems: list[dict[str, str]]) -> None:
        super().__init__(message, zh=zh, field=problems[0]["field"] if problems else None)
        self.problems = problems


class WrongHost(RequestFault):
    zh, en, status = "主机名不符", "Unknown host name", 421


class SignInNeeded(RequestFault):
    zh, en, status = "需要验证身份", "Sign-in needed", 401


class NotYours(RequestFault):
    zh, en, status = "无权查看", "Not for this reader", 403


class CrossSite(RequestFault):
    zh, en, status = "跨站请求被拒绝", "Cross-site request refused", 403


class Busy(RequestFault):
    zh, en, status = "服务器忙", "Server busy", 503


class Broken(RequestFault):
    zh, en, status = "程序内部错误", "Internal error", 500
