// What the live screens and the server say to each other: the browser's half of agent_console/live/protocol.py,
// board_protocol.py, control_protocol.py and asks.py.
import type { Names } from "./words.ts";

export type AgentState = "offline" | "ready" | "reserved" | "ringing" | "talking" | "wrap_up" | "paused";
export type Phase = "offered" | "ringing" | "dialling" | "far_ringing" | "talking" | "held" | "wrap_up" | "missed" | "done";
export type Certainty = "known" | "maybe" | "several" | "new" | "anonymous";

export interface Me {
  id: string;
  login: string;
  names: Names;
  role: "agent" | "supervisor" | "admin";
  extension: string;
  directs: boolean;
  monitors: boolean;
  not_mine: string[]; // other departments look after these agents
}

export interface PhoneAt {
  name: string; // empty where it is the only one
  url: string;
  domain: string;
}

export interface Phone {
  kind: "webrtc" | "sip";
  url: string; // this and `domain`: of the first server, for pages that know of no others
  user: string;
  password: string;
  domain: string;
  holder: string;
  servers: PhoneAt[];
}

export interface OwnState {
  state: AgentState;
  since: string;
  reason: string;
  call: string | null;
  reachable: boolean;
  wrap_up_until: string | null;
}

export interface SkillMatch {
  skill: string;
  asked: number;
  has: number;
}

export interface Because {
  rule: string;
  skills: SkillMatch[];
  waited_s: number;
  idle_s: number;
  candidates: number;
  preferred: SkillMatch[];
  steps: StepTaken[];
  tie?: Tie | null;
}

/** Why somebody is familiar to the caller. */
export type Tie = "last_agent" | "owner";

/** Out of a queue in which a caller could not wait, or not any longer. */
export interface WentOn {
  queue: string;
  why: "full" | "hour_full" | "too_long" | "nobody" | "paused" | "closed" | "asked";
  kind: "queue" | "number" | "message" | "callback" | "voicemail";
  to: string;
  waited_s: number;
}

/** After so many seconds of waiting less was asked for, or more people were let help. */
export interface StepTaken {
  kind: "lower" | "drop" | "widen" | "call_in" | "keep" | "open_up" | "place_back";
  after_s: number;
  skill: string | null;
  asked: number | null;
  level: number | null;
  queue: string | null;
  department: string | null;
  agent?: string | null;
  tie?: Tie | null;
  for_s?: number | null;
}

export interface PopContact {
  id: string;
  names: Names;
  title: string;
  calling: boolean;
}

export interface PopNumber {
  shown: Names;
  number: string;
  label: string;
  confirmed: boolean;
  calling: boolean;
}

export interface PopCustomer {
  id: string;
  names: Names;
  kind: "company" | "person";
  level: "normal" | "silver" | "gold" | "vip";
  language: string;
  city: string;
  address: string;
  note: string;
}

export interface PopCandidate {
  customer: string;
  names: Names;
  kind: string;
  level: string;
  reason: string;
  contacts: PopContact[];
  last_used: string | null;
  open_tickets: string[];
}

export interface PopCall {
  call: string;
  at: string;
  outcome: string;
  direction: string;
  talk_s: number;
  intent: string;
  disposition: string;
  note: string;
}

export interface PopTicket {
  id: string;
  number: string;
  subject: string;
  status: string;
  priority: string;
  type: string;
  updated_at: string;
  this_call: boolean;
}

export interface PopCallback {
  id: string;
  due_at: string;
  why: string;
  shown: Names;
  this_call: boolean;
}

export interface PopOrder {
  id: string;
  number: string;
  kind: "sale" | "repair";
  summary: string;
  state: string;
  expected_on: string | null;
}

export interface ScreenPop {
  certainty: Certainty;
  confirmed: boolean;
  customer: PopCustomer | null;
  contact: string | null;
  contacts: PopContact[];
  numbers: PopNumber[];
  candidates: PopCandidate[];
  calls: PopCall[];
  tickets: PopTicket[];
  callbacks: PopCallback[];
  orders: PopOrder[];
}

export interface PathStep {
  node: string;
  entered: string;
  label: string;
}

export interface Party {
  number: string;
  agent: string | null;
  shown: Names;
}

export interface CaseTransfer {
  kind: "blind" | "attended" | "blond";
  outcome: "completed" | "no_answer" | "busy" | "cancelled" | "failed";
  by: Party;
  to: Party;
}

export interface CaseNote {
  by: string;
  note: string;
  disposition: string;
}

export interface About {
  call: string;
  customer: string | null;
  names: Names;
  shown: Names;
  queue: string | null;
  intent: string;
}

/** The customer had asked to be called back, and this is the call. */
export interface CaseCallback {
  of: string;
  promised_at: string;
  tries: number;
}

export interface Case {
  call: string;
  phase: Phase;
  since: string;
  ani: string;
  ani_name: string;
  shown: Names;
  dnis: string;
  offer: string | null;
  queue: string | null;
  language: string;
  intent: string;
  because: Because | null;
  path: PathStep[];
  arrived_at: string | null;
  offered_at: string | null;
  connected_at: string | null;
  ended_at: string | null;
  why_missed: string;
  unreached: string; // why whom we called never came to the phone
  taken_by: string | null; // by the quicker colleague, where all phones rang
  by_safety_queue: boolean;
  direction: "inbound" | "outbound" | "internal";
  colleague: string | null;
  about: About | null; // the customer he has on hold while he asks
  rings_for: "call" | "transfer" | "consultation" | "recall";
  sent_by: Party | null;
  callback: CaseCallback | null;
  advice: boolean;
  transfer: CaseTransfer | null;
  notes: CaseNote[];
  pop: ScreenPop | null;
  draft: Record<string, unknown> | null;
}

export interface WorkTicket {
  id: string;
  number: string;
  subject: string;
  status: string;
  priority: string;
  customer: Names;
  updated_at: string;
  queue: string | null;
}

// The agent is asked to take this ticket out of the line.
export interface TicketAsk {
  ticket: string;
  number: string;
  subject: string;
  description: string;
  priority: string;
  customer: Names;
  queue: string | null;
  since: string;
  until: string;
  because: Because;
}

export interface WorkCallback {
  id: string;
  shown: Names;
  due_at: string;
  why: string;
  customer: Names;
  mine: boolean;
}

export interface MissedCall {
  call: string;
  at: string;
  shown: Names;
  customer: Names;
  why: string;
}

export interface Work {
  tickets: WorkTicket[];
  callbacks: WorkCallback[];
  missed: MissedCall[];
  all_tickets: number; // how many there are; the lists have the first of them
  all_callbacks: number;
  all_missed: number;
}

export interface DispositionChoice {
  code: string;
  path: Names[];
}

export interface Vocabulary {
  queues: Record<string, Names>;
  skills: Record<string, Names>;
  dids: Record<string, Names>;
  agents: Record<string, Names>;
  departments: Record<string, Names>;
  wrap_up_s: Record<string, number>;
  wrap_up: Record<string, "none" | "optional" | "mandatory">;
  service_level_s: Record<string, number>;
  service_level_percent: Record<string, number>;
}

export interface Hello {
  t: "hello";
  at: string;
  zone: string;
  me: Me;
  vocabulary: Vocabulary;
  links: Record<string, boolean>;
  demo: boolean;
  phone: Phone | null;
  agent: OwnState | null;
  cases: Case[];
  work: Work | null;
  dispositions: DispositionChoice[];
  control: Control | null;
  ticket_ask: TicketAsk | null;
  version: number;
}

export interface BoardLevel {
  percent: number;
  in_time: number;
  offered: number;
}

export interface BoardQueue {
  queue: string;
  names: Names;
  waiting: number;
  oldest: string | null;
  ready: number;
  signed_in: number;
  today: BoardLevel | null;
  lately: BoardLevel | null;
  tickets: number;
}

export interface BoardTicket {
  ticket: string;
  number: string;
  subject: string;
  queue: string;
  since: string;
  priority: number;
  offered_to: string | null;
  why: string;
  turn: number; // among all tickets: the order in which somebody is asked
}

export interface BoardWaiting {
  call: string;
  queue: string;
  since: string;
  shown: Names;
  customer: Names;
  priority: number;
  requires: Record<string, number>;
  offered_to: string | null;
  also_offered_to: string[]; // where all phones ring at once
  why: string;
  ways: Record<string, number>[];
  steps: StepTaken[];
  went_on: WentOn[];
  tried: Tried[];
  expected_s: number | null;
  callback: boolean;
  callback_tries: number;
  turn: number; // among all callers: the order in which they are served
}

export interface Tried {
  agent: string;
  why: string;
}

export interface BoardAgent {
  agent: string;
  extension: string;
  state: AgentState;
  since: string;
  reason: string;
  call: string | null;
  reachable: boolean;
  queues: string[];
  missed: number;
}

export interface BoardCall {
  call: string;
  direction: string;
  shown: Names;
  customer: Names;
  since: string;
  phase: string;
  queue: string | null;
  agent: string | null;
  connected_at: string | null;
  monitored: Monitoring[];
}

export interface Floor {
  t: "floor";
  at: string;
  full: boolean;
  queues: BoardQueue[];
  waiting: BoardWaiting[];
  agents: BoardAgent[];
  calls: BoardCall[];
  parked: ParkedCall[];
  tickets: BoardTicket[];
  gone_queues: string[];
  gone_waiting: string[];
  gone_agents: string[];
  gone_calls: string[];
  gone_parked: string[];
  gone_tickets: string[];
}

export interface Consulting {
  kind: "agent" | "queue" | "number" | "";
  value: string;
  shown: Names;
  since: string;
  answered: boolean;
}

export interface CallControl {
  call: string;
  consult: Consulting | null;
  conference: boolean;
  recording_paused_until: string | null;
  muted: boolean; // at a phone that is no browser
}

export interface ParkedCall {
  call: string;
  lot: string;
  since: string;
  by: string | null;
  shown: Names;
  customer: Names;
}

export interface Control {
  calls: CallControl[];
  parked: ParkedCall[];
}

export type MonitorMode = "listen" | "whisper" | "barge";

export interface Monitoring {
  by: string;
  of: string;
  mode: MonitorMode;
  since: string;
}

export interface TargetAgent {
  agent: string;
  extension: string;
  state: AgentState;
  since: string;
  reachable: boolean;
}

export interface TargetQueue {
  queue: string;
  waiting: number;
  ready: number;
}

export interface TargetNumber {
  typed: string;
  shown: Names;
  valid: boolean;
}

export interface Targets {
  agents: TargetAgent[];
  queues: TargetQueue[];
  number: TargetNumber | null;
}

// What the server asks of the browser that is the phone, and what comes of it: "" is done.
export type PhoneDeed = "answer" | "hold" | "resume";
export type PhoneResult = "" | "call.unknown" | "call.not_talking" | "command.failed";

export interface Answer {
  t: "answer";
  id: string;
  ok: boolean;
  code: string;
  sentence: string;
  field: string;
  value: unknown;
}

export type Told =
  | Hello
  | Floor
  | Answer
  | { t: "agent"; agent: OwnState }
  | { t: "case"; case: Case }
  | { t: "work"; work: Work }
  | { t: "ticket_ask"; ask: TicketAsk | null }
  | { t: "links"; links: Record<string, boolean> }
  | { t: "phone_holder"; holder: string }
  | { t: "phone_pushed_out"; contact: string }
  | { t: "control"; control: Control }
  | { t: "phone_do"; order: string; call: string; what: PhoneDeed }
  | { t: "draft"; call: string; draft: Record<string, unknown> }
  | { t: "call"; call: string; topic: string; at: string; event: Record<string, unknown> }
  | { t: "floor_away"; since: string | null }
  | { t: "tick"; at: string };

// What the browser asks; the id is added by the connection unless the wish carries one.
export interface Wish {
  do: string;
  id?: string;
  [field: string]: unknown;
}
