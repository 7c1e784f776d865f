// The phone's place at one Asterisk, with a websocket whose other end says what an Asterisk would say.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { Phone } from "../lib/protocol.ts";

class Socket {
  static last: Socket;
  onopen: () => void = () => undefined;
  onclose: (event: object) => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;
  readonly said: string[] = [];

  constructor() {
    Socket.last = this;
    queueMicrotask(() => this.onopen());
  }

  send(text: string): void {
    this.said.push(text);
    if (text.startsWith("REGISTER")) this.hear(answer(text));
  }

  hear(text: string): void {
    queueMicrotask(() => this.onmessage({ data: text }));
  }

  close(): void {
    this.onclose({ wasClean: true, code: 1000, reason: "" });
  }

  break(): void {
    this.onclose({ wasClean: false, code: 1006, reason: "" });
  }
}

Object.assign(globalThis, { window: globalThis, WebSocket: Socket, RTCPeerConnection: Object });
const { Registration } = await import("./registration.ts");

function line(text: string, name: string): string {
  return text.split("\r\n").find((one) => one.startsWith(`${name}:`)) ?? "";
}

function answer(request: string): string {
  const same = ["Via", "From", "Call-ID", "CSeq"].map((name) => line(request, name));
  return ["SIP/2.0 200 OK", ...same, `${line(request, "To")};tag=theirs`, line(request, "Contact"), "Content-Length: 0", "", ""].join("\r\n");
}

function invite(contact: string, id: string): string {
  return [
    `INVITE ${contact} SIP/2.0`,
    `Via: SIP/2.0/WS 192.0.2.1;branch=z9hG4bK-${id}`,
    "Max-Forwards: 70",
    "From: <sip:13800138000@hall-1>;tag=caller",
    "To: <sip:1001@hall-1>",
    `Call-ID: ${id}`,
    "CSeq: 1 INVITE",
    "Contact: <sip:hall-1>",
    "Content-Length: 0",
    "",
    "",
  ].join("\r\n");
}

test("it knows under which name it is registered", async (t) => {
  const server = { name: "hall-1", url: "ws://hall-1:8088/ws", domain: "hall-1" };
  const account: Phone = { kind: "webrtc", url: server.url, domain: "hall-1", user: "1001", password: "secret", holder: "", servers: [server] };
  const place = await new Promise<InstanceType<typeof Registration>>((registered) => {
    const place = new Registration(server, account, { changed: () => undefined, registered: registered, incoming: () => undefined });
    t.after(() => place.stop());
    place.start();
  });
  assert.ok(place.contact);
  assert.ok(line(Socket.last.said[0] ?? "", "Contact").includes(`<sip:${place.contact}@`));
});

test("what rings beyond a lost websocket ends, for nobody could answer it any more", async (t) => {
  const server = { name: "hall-1", url: "ws://hall-1:8088/ws", domain: "hall-1" };
  const account: Phone = { kind: "webrtc", url: server.url, domain: "hall-1", user: "1001", password: "secret", holder: "", servers: [server] };
  let rings: (session: RTCSession) => void = () => undefined;
  const rung = new Promise<RTCSession>((tell) => (rings = tell));
  await new Promise<void>((registered) => {
    const place = new Registration(server, account, { changed: () => undefined, registered: () => registered(), incoming: (session) => rings(session) });
    t.after(() => place.stop());
    place.start();
  });
  const contact = /<(sip:[^;>]+)/.exec(line(Socket.last.said[0] ?? "", "Contact"))?.[1] ?? "";
  Socket.last.hear(invite(contact, "one"));
  const ringing = await rung;
  assert.ok(ringing.isInProgress());
  Socket.last.break();
  assert.ok(ringing.isEnded());
});
