"""A caller who presses keys by SIP INFO, and whose number may be any text at all: played by SIPp."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

_HEAD = """Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:{user}@[local_ip]>;tag=[pid]info[call_number]
      Call-ID: [call_id]
      Max-Forwards: 70"""

_START = """<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="keys by SIP INFO">
  <send retrans="500"><![CDATA[
      INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
      {head}
      To: <sip:[service]@[remote_ip]:[remote_port]>
      CSeq: 1 INVITE
      Contact: <sip:info@[local_ip]:[local_port]>
      Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=info 1 1 IN IP4 [local_ip]
      s=-
      c=IN IP4 [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 0
      a=rtpmap:0 PCMU/8000
  ]]></send>
  <recv response="100" optional="true"/>
  <recv response="183" optional="true"/>
  <recv response="200" rrs="true"/>
  <send><![CDATA[
      ACK [next_url] SIP/2.0
      {head}
      [last_To:]
      CSeq: 1 ACK
      Content-Length: 0
  ]]></send>
"""

_KEY = """
  <pause milliseconds="{pause_ms}"/>
  <send retrans="500"><![CDATA[
      INFO [next_url] SIP/2.0
      {head}
      [last_To:]
      CSeq: {number} INFO
      Content-Type: application/dtmf-relay
      Content-Length: [len]

      Signal={key}
      Duration=160
  ]]></send>
  <recv response="200"/>
"""

_END = """
  <pause milliseconds="{stay_ms}"/>
  <send retrans="500"><![CDATA[
      BYE [next_url] SIP/2.0
      {head}
      [last_To:]
      CSeq: 99 BYE
      Content-Length: 0
  ]]></send>
  <recv response="200"/>
</scenario>
"""


def _scenario(user: str, keys: str, pause_ms: int, stay_ms: int) -> str:
    head = _HEAD.format(user=user)
    presses = (_KEY.format(head=head, key=key, number=2 + n, pause_ms=pause_ms) for n, key in enumerate(keys))
    return "".join((_START.format(head=head), *presses, _END.format(head=head, stay_ms=stay_ms)))


@contextlib.asynccontextmanager
async def caller_with_info_keys(
    server: str, number: str, keys: str, *, user: str = "13800138000", pause_ms: int = 1500, stay_ms: int = 10000
) -> AsyncIterator[None]:
    """Calls, presses the keys one pause apart, stays a while and hangs up; the block ends with the call.

    The pause is long enough for what the key before it leads to: a key that ends while Asterisk waits for our next
    command, because this machine is busy, is thrown away (`ivr/README.md`).
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "info.xml"
        file.write_text(_scenario(user, keys, pause_ms, stay_ms), encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            *("sipp", server, "-sf", str(file), "-s", number, "-m", "1", "-i", "127.0.0.1", "-nostdin"),
            *("-timeout", "40", "-timeout_error", "-trace_err", "-error_file", f"{folder}/errors"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=folder,
        )
        try:
            yield
            assert await process.wait() == 0, _words(Path(folder) / "errors")
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _words(file: Path) -> str:
    return file.read_text(errors="replace") if file.exists() else "SIPp ended with an error and no words"
