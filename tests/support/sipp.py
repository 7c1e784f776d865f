"""A call whose From header is any bytes at all, by SIPp: what a well-behaved phone would refuse to send.

It has no sound; it waits for the answer, stays on the line for a while and hangs up.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_SCENARIO = b"""<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="a caller with an odd name">
  <send retrans="500"><![CDATA[
      INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: %(from)s;tag=[pid]odd[call_number]
      To: <sip:[service]@[remote_ip]:[remote_port]>
      Call-ID: [call_id]
      CSeq: 1 INVITE
      Contact: <sip:odd@[local_ip]:[local_port]>
      Max-Forwards: 70
      Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=odd 1 1 IN IP4 [local_ip]
      s=-
      c=IN IP4 [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 0
      a=rtpmap:0 PCMU/8000
  ]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="183" optional="true"/>
  <recv response="200" rrs="true"/>
  <send><![CDATA[
      ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: %(from)s;tag=[pid]odd[call_number]
      [last_To:]
      Call-ID: [call_id]
      CSeq: 1 ACK
      Max-Forwards: 70
      Content-Length: 0
  ]]></send>
  <label id="1"/>
  <recv request="INVITE" optional="true" next="2"/>
  <recv request="ACK" optional="true" next="1"/>
  <recv request="BYE" next="3"/>
  <label id="2"/>
  <send next="1"><![CDATA[
      SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:]
      [last_Call-ID:]
      [last_CSeq:]
      Contact: <sip:odd@[local_ip]:[local_port]>
      Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=odd 1 1 IN IP4 [local_ip]
      s=-
      c=IN IP4 [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 0
      a=rtpmap:0 PCMU/8000
  ]]></send>
  <label id="3"/>
  <send><![CDATA[
      SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:]
      [last_Call-ID:]
      [last_CSeq:]
      Content-Length: 0
  ]]></send>
</scenario>
"""


class SippFailed(AssertionError):
    """The call did not go as a call goes."""


@asynccontextmanager
async def odd_call(server: str, number: str, from_header: bytes, *, limit_s: float = 60.0) -> AsyncIterator[None]:
    """Call `number` at `server` (host:port) with this From; the other side hangs up. The block ends with the call."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder) / "odd.xml"
        scenario.write_bytes(_SCENARIO.replace(b"%(from)s", from_header))
        process = await asyncio.create_subprocess_exec(
            *("sipp", server, "-sf", str(scenario), "-s", number, "-m", "1", "-i", "127.0.0.1", "-nostdin"),
            *("-timeout", f"{limit_s:.0f}", "-timeout_error", "-trace_err", "-error_file", f"{folder}/errors"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=folder,
        )
        try:
            yield
            if await process.wait() != 0:
                raise SippFailed(_words(Path(folder) / "errors"))
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _words(file: Path) -> str:
    return file.read_text(errors="replace") if file.exists() else "SIPp ended with an error and no words"
