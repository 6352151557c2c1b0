import { expect, it } from "vitest";
import { concatBytes, fromHex, type LinkEvent } from "../../src/base/index.js";
import {
  clientAddress,
  decodeFrame,
  encodeFrame,
  FrameSplitter,
  HdlcClientLink,
  type HdlcFrame,
  HdlcServerLine,
  SegmentAssembler,
  serverAddress,
} from "../../src/hdlc/index.js";
import { LinkPair, pattern } from "./link-pair.js";

const toClient = (given: Partial<HdlcFrame> & Pick<HdlcFrame, "type">) =>
  encodeFrame({
    poll: true,
    destination: clientAddress(16),
    source: serverAddress(1),
    segmented: false,
    information: new Uint8Array(),
    ...given,
  });
const eventsOf = (link: HdlcClientLink): LinkEvent[] => {
  const found: LinkEvent[] = [];
  for (let event = link.nextEvent(); event !== undefined; event = link.nextEvent()) found.push(event);
  return found;
};
const namesOf = (events: readonly LinkEvent[]) =>
  events.map((event) => (event.type === "notice" ? event.name : event.type));
const outputOf = (link: HdlcClientLink) => {
  const bytes = link.takeOutput();
  return bytes === undefined ? undefined : decodeFrame(bytes.subarray(1, -1));
};
const connected = (options = {}) => {
  const link = new HdlcClientLink({ client: clientAddress(16), server: serverAddress(1), ...options });
  link.send({ type: "connect" }, 0);
  link.receive(toClient({ type: "ua" }), 0);
  while (link.takeOutput() !== undefined || link.nextEvent() !== undefined);
  return link;
};
const answer = { type: "i", sendSequence: 0, receiveSequence: 0, information: fromHex("E6E7006100") } as const;

it("N(R)=0 in the frame of the AARE does not send the AARQ again", () => {
  const link = connected();
  link.send({ type: "send", apdu: pattern(20) }, 0);
  expect(outputOf(link)?.type).toBe("i");
  link.receive(toClient(answer), 10);
  expect(link.takeOutput()).toBeUndefined();
  expect(namesOf(eventsOf(link))).toEqual(["apdu", "acknowledgement-missing", "sent"]);
  link.send({ type: "send", apdu: pattern(3) }, 20);
  expect(outputOf(link)).toMatchObject({ type: "i", sendSequence: 1, receiveSequence: 1 });
});

it("after a repeated poll such an answer proves nothing, and the frame is sent again", () => {
  const link = connected();
  link.send({ type: "send", apdu: pattern(20) }, 0);
  link.takeOutput();
  link.handleTimeout(link.deadline as number);
  expect(outputOf(link)?.type).toBe("rr");
  link.receive(toClient(answer), 4000);
  expect(outputOf(link)).toMatchObject({ type: "i", sendSequence: 0, receiveSequence: 1 });
});

it("a meter that sets no final bit on segments is asked for more as soon as its window is full", () => {
  const link = connected();
  link.send({ type: "send", apdu: pattern(20) }, 0);
  link.takeOutput();
  link.receive(toClient({ ...answer, poll: false, segmented: true }), 10);
  expect(outputOf(link)).toMatchObject({ type: "rr", receiveSequence: 1 });
  link.receive(toClient({ ...answer, sendSequence: 1, receiveSequence: 1, information: fromHex("0102") }), 20);
  expect(link.takeOutput()).toBeUndefined();
  const events = eventsOf(link);
  expect(namesOf(events)).toEqual(["final-bit-missing", "progress", "acknowledgement-missing", "sent", "apdu"]);
  expect(events.at(-1)).toMatchObject({ apdu: fromHex("61000102") });
});

it("an answer that comes a second time does not take the turn", () => {
  const link = connected();
  link.send({ type: "send", apdu: pattern(20) }, 0);
  const first = toClient({ ...answer, receiveSequence: 1 });
  link.receive(first, 10);
  link.send({ type: "send", apdu: pattern(21) }, 20);
  while (link.takeOutput() !== undefined);
  eventsOf(link);
  link.receive(first, 30);
  expect(link.takeOutput()).toBeUndefined();
  expect(namesOf(eventsOf(link))).toContain("stale-answer");
  expect(link.state).toBe("polled");
});

it("a meter that takes minutes is waited for as long as it answers polls", () => {
  const link = connected({ pollIntervalMs: 1000, answerTimeoutMs: 600_000 });
  link.send({ type: "send", apdu: pattern(5) }, 0);
  let now = 0;
  for (let poll = 0; poll < 300; poll++) {
    while (link.takeOutput() !== undefined);
    link.receive(toClient({ type: "rr", receiveSequence: 1 }), now);
    now = link.deadline as number;
    link.handleTimeout(now);
  }
  link.receive(toClient({ ...answer, receiveSequence: 1 }), now);
  expect(eventsOf(link).filter(({ type }) => type === "apdu" || type === "failed")).toMatchObject([{ type: "apdu" }]);
});

it("a meter that never answers is given up, with a notice, and the link stays", () => {
  const link = connected({ pollIntervalMs: 1000, answerTimeoutMs: 5000 });
  link.send({ type: "send", apdu: pattern(5) }, 0);
  for (let now = 0, poll = 0; poll < 20 && link.deadline !== undefined; poll++) {
    while (link.takeOutput() !== undefined);
    link.receive(toClient({ type: "rr", receiveSequence: 1 }), now);
    now = link.deadline ?? now;
    link.handleTimeout(now);
  }
  expect(namesOf(eventsOf(link))).toContain("answer-given-up");
  expect(link.state).toBe("ready");
});

it("data that looks like an LLC header in the second of two segments is data", () => {
  const assembler = new SegmentAssembler("response");
  assembler.push(fromHex("E6E700C401"), true);
  expect(assembler.push(fromHex("E6E70055"), false)).toEqual({ apdu: fromHex("C401E6E70055"), tolerated: [] });
});

it("once a meter repeated the header in three segments, it is taken off two as well", () => {
  const assembler = new SegmentAssembler("response");
  for (const part of ["E6E70001", "E6E70002"]) assembler.push(fromHex(part), true);
  expect(assembler.push(fromHex("E6E70003"), false).apdu).toEqual(fromHex("010203"));
  assembler.push(fromHex("E6E70001"), true);
  expect(assembler.push(fromHex("E6E70002"), false)).toEqual({ apdu: fromHex("0102"), tolerated: ["llc-repeated"] });
});

it("an empty UI frame polls for events, and silence is no failure", () => {
  const link = connected();
  link.send({ type: "send", apdu: new Uint8Array(), unconfirmed: true }, 0);
  expect(outputOf(link)).toMatchObject({ type: "ui", poll: true, information: new Uint8Array() });
  link.receive(toClient({ type: "ui", information: fromHex("E6E700C200") }), 5);
  expect(eventsOf(link)).toEqual([{ type: "apdu", apdu: fromHex("C200"), unsolicited: true }]);
  expect(link.deadline).toBeUndefined();
  link.send({ type: "send", apdu: new Uint8Array(), unconfirmed: true }, 10);
  link.takeOutput();
  link.handleTimeout(link.deadline as number);
  expect(namesOf(eventsOf(link))).toEqual(["no-event"]);
  expect(link.state).toBe("ready");
});

it("a meter ends the turn of a poll for events", () => {
  const line = new HdlcServerLine({ accepts: () => true });
  const poll = { type: "ui", poll: true, segmented: false, information: new Uint8Array() } as const;
  line.receive(encodeFrame({ ...poll, destination: serverAddress(1), source: clientAddress(16) }), 0);
  // its owner has nothing to tell, and gives the turn back
  const event = line.nextEvent();
  expect(event?.event).toMatchObject({ type: "notice", name: "event-poll" });
  expect(line.takeOutput()).toBeUndefined();
  line.send({ client: event?.client ?? 0, server: serverAddress(1), command: { type: "keep-alive" } }, 0);
  const output = line.takeOutput() as Uint8Array;
  expect(decodeFrame(output.subarray(1, -1))).toMatchObject({ type: "ui", poll: true, source: serverAddress(1) });
});

it("a receiver of pushes takes I frames to any address, and others do not", () => {
  const push = encodeFrame({
    type: "i",
    sendSequence: 0,
    receiveSequence: 0,
    poll: true,
    segmented: false,
    destination: clientAddress(0),
    source: serverAddress(1, 0),
    information: fromHex("E6E7000F"),
  });
  for (const listen of [true, false]) {
    const link = new HdlcClientLink({ client: clientAddress(16), server: serverAddress(1), listen });
    link.receive(push, 0);
    expect(namesOf(eventsOf(link))).toEqual([listen ? "apdu" : "foreign-frame"]);
  }
});

it("asked by the all-station address, whoever answers is taken", () => {
  const link = new HdlcClientLink({ client: clientAddress(16), server: serverAddress(1, 0x7f) });
  link.send({ type: "connect" }, 0);
  link.receive(toClient({ type: "ua", source: serverAddress(1, 33) }), 1);
  expect(namesOf(eventsOf(link))).toContain("connected");
});

it("an option out of range is the caller's fault", () => {
  const make = (options: object) => () =>
    new HdlcClientLink({ client: clientAddress(16), server: serverAddress(1), ...options });
  expect(make({ parameters: { windowTransmit: 8 } })).toThrow(/windowTransmit/);
  expect(make({ parameters: { maxInfoReceive: 2031 } })).toThrow(/maxInfoReceive/);
  expect(make({ retries: -1 })).toThrow(/retries/);
  expect(make({ baudRate: Number.NaN })).toThrow(/baudRate/);
});

it("our own echo with no answer blames the address, not the line", () => {
  const link = new HdlcClientLink({ client: clientAddress(16), server: serverAddress(1), retries: 1 });
  link.send({ type: "connect" }, 0);
  for (let i = 0; i < 9 && link.state !== "disconnected"; i++) {
    for (let out = link.takeOutput(); out !== undefined; out = link.takeOutput()) link.receive(out, 0);
    if (link.deadline !== undefined) link.handleTimeout(link.deadline);
  }
  const failed = eventsOf(link).find((event) => event.type === "failed");
  expect(failed?.error.advice).toMatch(/server address/);
});

it("a spoilt answer is asked for again after the silence between octets, not after the whole response time-out", () => {
  const link = connected();
  link.send({ type: "send", apdu: pattern(20) }, 0);
  link.takeOutput();
  const whole = toClient({ ...answer, receiveSequence: 1, information: pattern(60) });
  const spoilt = whole.with(30, (whole[30] as number) ^ 1);
  link.receive(spoilt.subarray(0, 50), 60);
  expect(link.deadline).toBe(560);
  // As long as it announced: with a window of one frame nothing can follow.
  link.receive(spoilt.subarray(50), 100);
  expect(link.deadline).toBe(160);
  link.handleTimeout(160);
  expect(outputOf(link)).toMatchObject({ type: "rr", poll: true, receiveSequence: 0 });
});

it("noise that begins as no frame to us leaves the response time-out alone", () => {
  const link = connected();
  link.send({ type: "send", apdu: pattern(20) }, 0);
  link.takeOutput();
  link.receive(pattern(40, 5), 100);
  link.handleTimeout(link.deadline as number);
  expect(link.takeOutput()).toBeUndefined();
});

it("a good frame inside a false one is found as soon as the false header shows, octet by octet", () => {
  const good = toClient({ type: "i", sendSequence: 0, receiveSequence: 0, information: pattern(40) });
  const stream = concatBytes(fromHex("7EA7FF030321000000000000"), good);
  const splitter = new FrameSplitter();
  const found = Array.from(stream, (octet) => splitter.push(Uint8Array.of(octet)).map(({ type }) => type)).flat();
  expect(found).toEqual(["discarded", "frame"]);
});

it("a damaged frame with a sound one inside gives the sound one, with its place in the stream", () => {
  const good = toClient({ type: "rr", receiveSequence: 1 });
  const outer = toClient({ type: "ui", information: concatBytes(good, pattern(30)) });
  const damaged = outer.with(outer.length - 5, (outer[outer.length - 5] as number) ^ 1);
  const splitter = new FrameSplitter({ damaged: true });
  const chunks = [...splitter.push(damaged), ...splitter.flush()];
  expect(chunks.map(({ type, offset }) => [type, offset])).toEqual([
    ["discarded", 0],
    ["frame", 8],
    ["discarded", 8 + good.length],
  ]);
});

it("noise without end is handed out and never piles up", () => {
  const splitter = new FrameSplitter();
  let discarded = 0;
  for (let i = 0; i < 50_000; i++)
    for (const chunk of splitter.push(Uint8Array.of(i % 125))) discarded += chunk.bytes.length;
  for (const chunk of splitter.flush()) discarded += chunk.bytes.length;
  expect(discarded).toBe(50_000);
});

it.each([1, 3, 7])(
  "window %i: faults at every octet of a session deliver each APDU once or end in an error",
  (size) => {
    const requests = [pattern(300, 1), pattern(40, 2), pattern(150, 3)];
    const parameters = { maxInfoTransmit: 64, maxInfoReceive: 64, windowTransmit: size, windowReceive: size };
    const mirror = (apdu: Uint8Array) => apdu.slice().reverse();
    for (let position = 0; position < 1400; position += 13) {
      let octets = 0;
      const pair = new LinkPair(mirror, {
        client: { parameters },
        server: { parameters },
        disturb: (bytes) => {
          const at = position - octets;
          octets += bytes.length;
          if (at < 0 || at >= bytes.length) return [bytes];
          if (position % 3 === 0) return [bytes.subarray(0, at), bytes.subarray(at + 1)];
          if (position % 3 === 1) return [bytes.with(at, (bytes[at] as number) ^ 0x7e)];
          return [bytes.subarray(0, at + 1), bytes.subarray(at)];
        },
      });
      pair.connect();
      for (const request of requests) if (pair.failure() === undefined) pair.exchange(request);
      expect(pair.failure()).toBeUndefined();
      expect(pair.served()).toEqual(requests);
      expect(pair.received()).toEqual(requests.map(mirror));
    }
  },
);
