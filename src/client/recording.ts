import { applicationContexts, decodeApdu } from "../apdu/index.js";
import { DlmsError, dlmsError, toHex } from "../base/index.js";
import { isCipheredTag, readEnvelope } from "../security/index.js";
import type { LineSettings, SignOn } from "../transport/index.js";
import type { ShownOctets } from "./redaction.js";

/**
 * The format of a recording: one JSON object a line. The first is a `RecordingStart`, the others are in the order in
 * which things happened. No secret is in it; where one crossed the line there are asterisks (2A) and `hidden` says
 * where.
 */
export type RecordingEntry = RecordingStart | RecordedOctets | RecordedChallenge | RecordedCounter | RecordedGap;

export interface RecordingStart {
  readonly type: "start";
  readonly format: "dlms-session";
  readonly version: 1;
  /** When the session began, ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly link: "hdlc" | "wrapper";
  readonly signOn: SignOn;
  readonly datagrams: boolean;
  readonly line?: LineSettings;
  readonly client: number;
  readonly server: { readonly logical: number; readonly physical?: number; readonly size?: 1 | 2 | 4 };
}

export interface RecordedOctets {
  readonly type: "sent" | "received";
  /** Milliseconds since the session began. */
  readonly at: number;
  /** Upper-case hexadecimal. */
  readonly bytes: string;
  /** Octets that are not those of the line: pairs of start and end. */
  readonly hidden?: readonly (readonly [number, number])[];
}

/** Our challenge in high level security: no secret, but a replay must send the same again. */
export interface RecordedChallenge {
  readonly type: "challenge";
  readonly bytes: string;
}

/** The first invocation counter of an association of ours. */
export interface RecordedCounter {
  readonly type: "counter";
  readonly counter: number;
  /** The meter was asked for it before, in the same recording. */
  readonly asked: boolean;
}

/** Something was not recorded here: what follows does not replay. */
export interface RecordedGap {
  readonly type: "gap";
}

/** Where a recording goes: `fileSink(path)` of `dlms-cosem/node`, or an array's `push`. */
export interface RecordingSink {
  /** Takes one entry; the sink writes it as a line of JSON. */
  write(entry: object): void;
}

const aarqTag = 0x60;

/**
 * Writes what a session does. It keeps the opening until the first request, so that a recording asked for right after
 * `connect` is whole.
 */
export class Recorder {
  readonly #began: number;
  readonly #start: RecordingStart;
  readonly #sinks: RecordingSink[] = [];
  /** Another association came first: that of the public client. */
  #asked = false;
  #kept: (() => RecordingEntry)[] | undefined;

  constructor(start: Omit<RecordingStart, "type" | "format" | "version">, began: number) {
    this.#began = began;
    this.#start = { type: "start", format: "dlms-session", version: 1, ...start };
    this.#kept = [];
  }

  /** True when what happens must be told. */
  get active(): boolean {
    return this.#kept !== undefined || this.#sinks.length > 0;
  }

  /** Begins to write; what was kept comes first. */
  attach(sink: RecordingSink): void {
    sink.write(this.#start);
    if (this.#kept === undefined) sink.write({ type: "gap" } satisfies RecordedGap);
    for (const entry of this.#kept ?? []) sink.write(entry());
    this.#sinks.push(sink);
  }

  /** The opening is over: nothing is kept any more for a recording that may be asked for. */
  forget(): void {
    this.#kept = undefined;
  }

  octets(type: "sent" | "received", { bytes, hidden }: ShownOctets, now: number): void {
    this.#add(() => ({
      type,
      at: Math.round((now - this.#began) * 1000) / 1000,
      bytes: toHex(bytes),
      ...(hidden.length > 0 && { hidden }),
    }));
  }

  /** An APDU that is sent, as it is: what a replay has to send again is taken from it. */
  sentApdu(apdu: Uint8Array): void {
    if (apdu[0] !== aarqTag) return;
    for (const entry of replayValues(apdu, this.#asked)) this.#add(() => entry);
    this.#asked = true;
  }

  /** What may never be asked for is not turned into text. */
  #add(entry: () => RecordingEntry): void {
    this.#kept?.push(entry);
    for (const sink of this.#sinks) sink.write(entry());
  }
}

/** Challenge and counter of an AARQ. */
function replayValues(octets: Uint8Array, asked: boolean): RecordingEntry[] {
  const entries: RecordingEntry[] = [];
  const apdu = decodeApdu(octets);
  if (apdu.type !== "aarq") return entries;
  const value = apdu.callingAuthenticationValue;
  if (value?.choice === "charstring" && apdu.mechanismName !== undefined && !apdu.mechanismName.endsWith(".1"))
    entries.push({ type: "challenge", bytes: toHex(value.value) });
  const initiate = apdu.userInformation;
  const ciphered = apdu.applicationContextName !== applicationContexts["logical-name"];
  if (ciphered && initiate !== undefined && isCipheredTag(initiate[0] ?? 0))
    entries.push({ type: "counter", counter: readEnvelope(initiate).invocationCounter, asked });
  return entries;
}

/**
 * Reads a recording.
 * @throws DecodeError `malformed` naming the line that is not one of a recording.
 */
export function readRecording(text: string): RecordingEntry[] {
  const entries: RecordingEntry[] = [];
  text.split("\n").forEach((line, index) => {
    if (line.trim() === "") return;
    entries.push(entryOf(line, index + 1));
  });
  const [start] = entries;
  if (start?.type !== "start" || start.format !== "dlms-session" || start.version !== 1)
    throw dlmsError("malformed", "the text is no recording of a session (format dlms-session, version 1)", {
      layer: "client",
    });
  return entries;
}

const types: ReadonlySet<unknown> = new Set(["start", "sent", "received", "challenge", "counter", "gap"]);

function entryOf(line: string, number: number): RecordingEntry {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === "object" && entry !== null && types.has((entry as { type?: unknown }).type))
      return entry as RecordingEntry;
  } catch (cause) {
    if (DlmsError.is(cause)) throw cause;
  }
  throw dlmsError("malformed", `line ${number} is no entry of a recording`, { layer: "client" });
}
