// Every state of the link with every frame, command and silence, at both ends: where it leads, and that the link is of
// use afterwards.
import { expect, it } from "vitest";
import { DlmsError, fromHex } from "../../src/base/index.js";
import { checkSequence } from "../../src/hdlc/fcs.js";
import { encodeFrame, type HdlcFrame } from "../../src/hdlc/frame.js";
import { clientAddress, HdlcClientLink, HdlcServerLine, serverAddress } from "../../src/hdlc/index.js";
import { linkMachine } from "../../src/hdlc/link.table.js";
import { pattern } from "./link-pair.js";

const client = clientAddress(16);
const server = serverAddress(1);
type Given = Pick<HdlcFrame, "type"> & Partial<HdlcFrame>;
const frames: Record<string, Given> = {
  SNRM: { type: "snrm" },
  UA: { type: "ua" },
  DM: { type: "dm" },
  DISC: { type: "disc" },
  FRMR: { type: "frmr", information: fromHex("100001") },
  "I in order": { type: "i", sendSequence: 0, receiveSequence: 0, information: fromHex("E6E700C401") },
  "I in order, acknowledging": { type: "i", sendSequence: 0, receiveSequence: 1, information: fromHex("E6E700C401") },
  "I out of order": { type: "i", sendSequence: 5, receiveSequence: 0, information: fromHex("E6E700C401") },
  "I segment": { type: "i", sendSequence: 0, receiveSequence: 1, segmented: true, information: fromHex("E6E700C4") },
  RR: { type: "rr", receiveSequence: 0 },
  "RR acknowledging": { type: "rr", receiveSequence: 1 },
  "RR beyond the window": { type: "rr", receiveSequence: 6 },
  RNR: { type: "rnr", receiveSequence: 0 },
  REJ: { type: "rej", receiveSequence: 0 },
  UI: { type: "ui", poll: false, information: fromHex("E6E7000F00") },
};
const towards = (end: "client" | "server", given: Given) =>
  encodeFrame({
    poll: true,
    segmented: false,
    information: new Uint8Array(),
    destination: end === "client" ? client : server,
    source: end === "client" ? server : client,
    ...given,
  });
/** A sound frame with a control field that is none of the profile's: XID. */
const unknownFrame = (end: "client" | "server") => {
  const whole = towards(end, { type: "rr", receiveSequence: 0 });
  const frame = whole.slice();
  const control = 5;
  frame[control] = 0xbf;
  const check = checkSequence(frame.subarray(1, -3));
  frame.set([check & 0xff, check >> 8], frame.length - 3);
  return frame;
};

const drain = (link: { takeOutput(): unknown; nextEvent(): unknown }) => {
  while (link.takeOutput() !== undefined || link.nextEvent() !== undefined);
};
const attempt = (what: () => void): string | undefined => {
  try {
    what();
    return undefined;
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    return error.code;
  }
};

const clientStates = {
  disconnected: () => {},
  connecting: (link: HdlcClientLink) => link.send({ type: "connect" }, 0),
  clearing: (link) => {
    link.send({ type: "connect" }, 0);
    link.receive(towards("client", { type: "dm" }), 0);
  },
  ready: (link) => {
    link.send({ type: "connect" }, 0);
    link.receive(towards("client", { type: "ua" }), 0);
  },
  polled: (link) => {
    link.send({ type: "connect" }, 0);
    link.receive(towards("client", { type: "ua" }), 0);
    link.send({ type: "send", apdu: pattern(10) }, 0);
  },
  disconnecting: (link: HdlcClientLink) => {
    link.send({ type: "connect" }, 0);
    link.receive(towards("client", { type: "ua" }), 0);
    link.send({ type: "disconnect" }, 0);
  },
} satisfies Record<string, (link: HdlcClientLink) => void>;

const clientMoves: Record<string, (link: HdlcClientLink) => void> = {
  ...Object.fromEntries(
    Object.entries(frames).map(([name, given]) => [
      name,
      (link: HdlcClientLink) => link.receive(towards("client", given), 1),
    ]),
  ),
  "unknown frame": (link) => link.receive(unknownFrame("client"), 1),
  noise: (link) => link.receive(pattern(40), 1),
  connect: (link) => link.send({ type: "connect" }, 1),
  send: (link) => link.send({ type: "send", apdu: pattern(10) }, 1),
  disconnect: (link) => link.send({ type: "disconnect" }, 1),
  "keep-alive": (link) => link.send({ type: "keep-alive" }, 1),
  silence: (link) => {
    if (link.deadline !== undefined) link.handleTimeout(link.deadline);
  },
  "silence for ever": (link) => {
    for (let rounds = 0; link.deadline !== undefined; rounds++) {
      expect(rounds).toBeLessThan(200);
      link.handleTimeout(link.deadline);
      drain(link);
    }
  },
};

/** Takes down what there is, and has a sound meter answer a request: whatever came before, the link is of use. */
function useAgain(link: HdlcClientLink, what: string): void {
  const line = new HdlcServerLine({ accepts: () => true });
  let now = 10_000;
  const received: Uint8Array[] = [];
  const run = (until: () => boolean) => {
    for (let turn = 0; turn < 500 && !until(); turn++) {
      for (let out = link.takeOutput(); out; out = link.takeOutput()) line.receive(out, now);
      for (let event = line.nextEvent(); event; event = line.nextEvent())
        if (event.event.type === "apdu") line.send({ ...event, command: { type: "send", apdu: pattern(300) } }, now);
      for (let out = line.takeOutput(); out; out = line.takeOutput()) link.receive(out, now);
      for (let event = link.nextEvent(); event; event = link.nextEvent())
        if (event.type === "apdu" && !event.unsolicited) received.push(event.apdu);
      if (until()) return;
      now = Math.max(now, link.deadline ?? now);
      link.handleTimeout(now);
    }
  };
  run(() => link.state === "ready" || link.state === "disconnected");
  if (link.state !== "disconnected") link.send({ type: "disconnect" }, now);
  run(() => link.state === "disconnected");
  expect(link.state, `${what}: taken down`).toBe("disconnected");
  drain(link);
  received.length = 0;
  link.send({ type: "connect" }, now);
  run(() => link.state === "ready");
  expect(link.state, `${what}: set up again`).toBe("ready");
  link.send({ type: "send", apdu: pattern(400) }, now);
  run(() => received.length > 0);
  expect(received, `${what}: answered`).toEqual([pattern(300)]);
}

it("client: every state with everything that can come", () => {
  const walked: Record<string, string> = {};
  for (const [state, reach] of Object.entries(clientStates)) {
    const changes: string[] = [];
    for (const [name, move] of Object.entries(clientMoves)) {
      const what = `${name} while ${state}`;
      const link = new HdlcClientLink({ client, server });
      reach(link);
      drain(link);
      expect(link.state, what).toBe(state);
      const refused = attempt(() => move(link));
      if (refused) expect(refused, what).toBe("wrong-state");
      expect(Object.keys(linkMachine.table), what).toContain(link.state);
      if (refused) changes.push(`${name}: refused`);
      else if (link.state !== state) changes.push(`${name}: ${link.state}`);
      useAgain(link, what);
    }
    walked[state] = changes.join("; ");
  }
  expect(walked).toMatchInlineSnapshot(`
    {
      "clearing": "UA: connecting; DM: connecting; connect: refused; send: refused; silence: connecting; silence for ever: disconnected",
      "connecting": "UA: ready; DM: clearing; FRMR: clearing; connect: refused; send: refused; disconnect: clearing; silence: clearing; silence for ever: disconnected",
      "disconnected": "connect: connecting; send: refused",
      "disconnecting": "UA: disconnected; DM: disconnected; connect: refused; send: refused; silence: disconnected; silence for ever: disconnected",
      "polled": "DM: disconnected; FRMR: disconnected; I in order: ready; I in order, acknowledging: ready; RR acknowledging: ready; RNR: ready; connect: refused; disconnect: disconnecting; silence for ever: disconnected",
      "ready": "DM: disconnected; FRMR: disconnected; connect: refused; send: polled; disconnect: disconnecting; keep-alive: polled",
    }
  `);
});

const serverStates = {
  disconnected: () => {},
  ready: (line) => line.receive(towards("server", { type: "snrm" }), 0),
  /** The meter owes an answer. */
  polled: (line) => {
    line.receive(towards("server", { type: "snrm" }), 0);
    line.receive(
      towards("server", { type: "i", sendSequence: 0, receiveSequence: 0, information: fromHex("E6E600C001") }),
      0,
    );
  },
} satisfies Record<string, (line: HdlcServerLine) => void>;

it("meter: every state with every frame, command and silence: it answers by the rules, and serves the next client", () => {
  const walked: Record<string, string> = {};
  const moves: Record<string, (line: HdlcServerLine) => void> = {
    ...Object.fromEntries(
      Object.entries(frames).map(([name, given]) => [
        name,
        (line: HdlcServerLine) => line.receive(towards("server", given), 1),
      ]),
    ),
    "unknown frame": (line) => line.receive(unknownFrame("server"), 1),
    noise: (line) => line.receive(pattern(40), 1),
    send: (line) => line.send({ client: 16, server, command: { type: "send", apdu: pattern(10) } }, 1),
    silence: (line) => {
      if (line.deadline !== undefined) line.handleTimeout(line.deadline);
    },
  };
  for (const [state, reach] of Object.entries(serverStates)) {
    const answers: string[] = [];
    for (const [name, move] of Object.entries(moves)) {
      const what = `${name} while ${state}`;
      const line = new HdlcServerLine({ accepts: () => true });
      reach(line);
      drain(line);
      const refused = attempt(() => move(line));
      if (refused) expect(refused, what).toBe("wrong-state");
      const answered: string[] = [];
      for (let out = line.takeOutput(); out; out = line.takeOutput()) answered.push(typeOf(out));
      if (refused || answered.length > 0) answers.push(`${name}: ${refused ? "refused" : answered.join(", ")}`);
      drain(line);
      serves(line, what);
    }
    walked[state] = answers.join("; ");
  }
  expect(walked).toMatchInlineSnapshot(`
    {
      "disconnected": "SNRM: UA; DISC: DM; I in order: DM; I in order, acknowledging: DM; I out of order: DM; I segment: DM; RR: DM; RR acknowledging: DM; RR beyond the window: DM; RNR: DM; REJ: DM; unknown frame: DM; send: refused",
      "polled": "SNRM: UA; DISC: UA; I in order: RR; I in order, acknowledging: RR; I out of order: RR; I segment: RR; RR: RR; RR acknowledging: RR; RR beyond the window: RR; RNR: RR; REJ: RR; unknown frame: FRMR; send: I",
      "ready": "SNRM: UA; DISC: UA; I out of order: RR; I segment: RR; RR: RR; RR acknowledging: RR; RR beyond the window: RR; RNR: RR; REJ: RR; unknown frame: FRMR",
    }
  `);
});

const typeOf = (octets: Uint8Array): string => {
  const control = octets[5] as number;
  if ((control & 1) === 0) return "I";
  const unnumbered: Record<number, string> = { 99: "UA", 15: "DM", 135: "FRMR", 3: "UI" };
  return (control & 3) === 1 ? (["RR", "RNR", "REJ"][(control >> 2) & 3] ?? "?") : (unnumbered[control & 0xef] ?? "?");
};

/** A client sets up anew and is answered. */
function serves(line: HdlcServerLine, what: string): void {
  const link = new HdlcClientLink({ client, server });
  let now = 10_000;
  let answer: Uint8Array | undefined;
  link.send({ type: "connect" }, now);
  for (let turn = 0; turn < 200 && !answer; turn++) {
    for (let out = link.takeOutput(); out; out = link.takeOutput()) line.receive(out, now);
    for (let event = line.nextEvent(); event; event = line.nextEvent())
      if (event.event.type === "apdu") line.send({ ...event, command: { type: "send", apdu: pattern(300) } }, now);
    for (let out = line.takeOutput(); out; out = line.takeOutput()) link.receive(out, now);
    for (let event = link.nextEvent(); event; event = link.nextEvent()) {
      if (event.type === "connected") link.send({ type: "send", apdu: pattern(5) }, now);
      if (event.type === "apdu") answer = event.apdu;
    }
    now = Math.max(now, link.deadline ?? now);
  }
  expect(answer, `${what}: serves afterwards`).toEqual(pattern(300));
}
