"""Why a call ended, in words: Q.850 cause codes (ITU-T Q.850, table 1), as Asterisk gives them for SIP answers too, and
those answers themselves (RFC 3261, section 21)."""

from __future__ import annotations

REJECTED, ELSEWHERE = 21, 26
"""603 Decline; answered at another phone."""
REFUSALS = (17, REJECTED)
"""Of a phone that says no: 486 Busy Here, 603 Decline."""
NOT_TO_BE_HAD = (1, 2, 3, 22, 27, 28, 34, 38, 41, 42, 47)
"""Of a number that is none, or that no line leads to now; Asterisk calls this NOANSWER as well."""

_WORDS = {
    0: "not given",
    1: "no such number",
    2: "no route to the network",
    3: "no route to the destination",
    5: "misdialled trunk prefix",
    16: "normal clearing",
    17: "busy",
    18: "no user responding",
    19: "no answer",
    20: "subscriber absent",
    21: "rejected",
    22: "number changed",
    26: "answered elsewhere",
    27: "destination out of order",
    28: "incomplete number",
    29: "facility rejected",
    31: "normal, unspecified",
    34: "no line free",
    38: "network out of order",
    41: "temporary failure",
    42: "exchange congested",
    43: "information discarded",
    44: "requested line not available",
    47: "resource unavailable",
    50: "facility not subscribed",
    52: "outgoing call barred",
    54: "incoming call barred",
    57: "not authorised",
    58: "not available now",
    65: "not implemented",
    79: "service not implemented",
    88: "incompatible destination",
    102: "timer expired",
    111: "protocol error",
    127: "interworking, unspecified",
}
"""SIP's answers become these (RFC 3398): 404 is 1, 480 is 18 or 19, 486 is 17, 603 is 21, 408 is 102 …"""

_OF_SIP = {
    302: "Moved Temporarily",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    408: "Request Timeout",
    410: "Gone",
    415: "Unsupported Media Type",
    420: "Bad Extension",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    483: "Too Many Hops",
    484: "Address Incomplete",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    500: "Server Internal Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Server Time-out",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
}


def cause_in_words(cause: int) -> str:
    return _WORDS.get(cause, f"cause {cause}")


def sip_in_words(status: int) -> str:
    """`486 Busy Here`; empty for 0, which is none."""
    return f"{status} {_OF_SIP.get(status, '')}".strip() if status else ""
