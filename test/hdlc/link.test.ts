import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, fromHex } from "../../src/base/index.js";
import {
  clientAddress,
  decodeFrame,
  encodeFrame,
  FrameSplitter,
  HdlcClientLink,
  type HdlcFrame,
  linkMachine,
  serverAddress,
} from "../../src/hdlc/index.js";
import { type Disturb, LinkPair, pattern } from "./link-pair.js";

const mirror = (apdu: Uint8Array) => concatBytes(Uint8Array.of(0xc4), apdu);

describe("set-up and take-down", () => {
  it("negotiates the smaller of both sides", () => {
    const pair = new LinkPair(mirror, {
      client: { parameters: { maxInfoTransmit: 1024, maxInfoReceive: 2030, windowTransmit: 7, windowReceive: 7 } },
      server: { parameters: { maxInfoTransmit: 512, maxInfoReceive: 256, windowTransmit: 3, windowReceive: 2 } },
    });
    pair.connect();
    expect(pair.client.negotiated).toEqual({
      maxInfoTransmit: 256,
      maxInfoReceive: 512,
      windowTransmit: 2,
      windowReceive: 3,
    });
  });
  it("ends with DISC and UA", () => {
    const pair = new LinkPair(mirror);
    pair.connect();
    pair.client.send({ type: "disconnect" }, pair.now);
    pair.run(() => pair.clientEvents.some((event) => event.type === "disconnected"));
    expect(pair.client.state).toBe("disconnected");
    expect(pair.serverEvents.at(-1)).toEqual({ type: "disconnected" });
  });
  it("says what to check when nothing answers", () => {
    const pair = new LinkPair(mirror, { disturb: () => [] });
    pair.connect();
    expect(pair.failure()).toMatchObject({ code: "timeout", layer: "hdlc", retryable: true });
    expect(pair.failure()?.advice).toMatch(/address/);
  });
  it("says baud rate and parity when only rubbish answers", () => {
    const pair = new LinkPair(mirror, {
      disturb: (bytes, from) => (from === "server" ? [bytes.map((octet) => octet ^ 0x55)] : [bytes]),
    });
    pair.connect();
    expect(pair.failure()?.advice).toMatch(/parity/);
  });
  it("sends a lost frame again however many answers to its polls were lost too", () => {
    const lost = new Set([2, 4]);
    const pair = new LinkPair(mirror, {
      client: { retries: 2 },
      disturb: (bytes, _, count) => (lost.has(count) ? [] : [bytes]),
    });
    pair.connect();
    expect(pair.exchange(pattern(3))).toEqual(mirror(pattern(3)));
  });
  it("the first frame has all its attempts, whatever the set-up took", () => {
    // SNRM lost twice with DISC in between; then the first frame and the polls after it, but the last.
    const lost = new Set([0, 1, 2]);
    let frames = 0;
    const pair = new LinkPair(mirror, {
      client: { retries: 3 },
      disturb: (bytes, from, count) => {
        if (from === "client" && pair.client.state === "polled") frames++;
        return lost.has(count) || (frames > 0 && frames < 4) ? [] : [bytes];
      },
    });
    pair.connect();
    expect(pair.client.state).toBe("ready");
    expect(pair.exchange(pattern(3))).toEqual(mirror(pattern(3)));
  });
  it("gives up when the meter answers but never takes the frame", () => {
    const pair = new LinkPair(mirror, {
      client: { retries: 2 },
      disturb: (bytes, from) => (from === "client" && bytes.length > 40 ? [] : [bytes]),
    });
    pair.connect();
    expect(pair.exchange(pattern(100))).toBeUndefined();
    expect(pair.failure()?.code).toBe("timeout");
  });
  it("repeats SNRM when UA came spoilt: DISC would end what a sign-on has begun", () => {
    const sent: string[] = [];
    let spoilt = false;
    const pair = new LinkPair(mirror, {
      disturb: (bytes, from) => {
        if (from === "client") sent.push((decodeFrame(bytes.subarray(1, -1)) as { type: string }).type);
        if (from === "client" || spoilt) return [bytes];
        spoilt = true;
        return [bytes.map((octet, index) => (index === 12 ? octet ^ 4 : octet))];
      },
    });
    pair.connect();
    expect(pair.client.state).toBe("ready");
    expect(sent).toEqual(["snrm", "snrm"]);
  });
  it("takes down a session that the meter still holds: DM, then DISC, then SNRM again", () => {
    let refused = false;
    const link = new HdlcClientLink({ client: clientAddress(16), server: serverAddress(1) });
    link.send({ type: "connect" }, 0);
    const sent: string[] = [];
    const reply = (type: "dm" | "ua") =>
      encodeFrame({
        type,
        poll: true,
        destination: clientAddress(16),
        source: serverAddress(1),
        segmented: false,
        information: new Uint8Array(),
      });
    for (let output = link.takeOutput(); output !== undefined; output = link.takeOutput()) {
      const { type } = decodeFrame(output.subarray(1, -1)) as { type: string };
      sent.push(type);
      link.receive(type === "snrm" && !refused ? reply("dm") : reply("ua"), 10);
      refused = true;
    }
    expect(sent).toEqual(["snrm", "disc", "snrm"]);
    expect(link.state).toBe("ready");
  });
  it("UA without parameters means the defaults", () => {
    const link = new HdlcClientLink({ client: clientAddress(16), server: serverAddress(1) });
    link.send({ type: "connect" }, 0);
    link.takeOutput();
    link.receive(
      encodeFrame({
        type: "ua",
        poll: true,
        destination: clientAddress(16),
        source: serverAddress(1),
        segmented: false,
        information: new Uint8Array(),
      }),
      1,
    );
    expect(link.negotiated).toEqual({ maxInfoTransmit: 128, maxInfoReceive: 128, windowTransmit: 1, windowReceive: 1 });
  });
});

const sizes = [1, 2, 125, 126, 128, 1000, 5000, 70_000];
const shapes = [
  { info: 32, window: 1 },
  { info: 128, window: 1 },
  { info: 128, window: 7 },
  { info: 512, window: 3 },
  { info: 2030, window: 7 },
];

describe("segmentation and windows, both ways", () => {
  for (const { info, window } of shapes)
    it.each(sizes)(`${info} octets, window ${window}: %i octets`, (size) => {
      const parameters = { maxInfoTransmit: info, maxInfoReceive: info, windowTransmit: window, windowReceive: window };
      const pair = new LinkPair(mirror, { client: { parameters }, server: { parameters } });
      pair.connect();
      const answer = pair.exchange(pattern(size));
      expect(answer?.length).toBe(size + 1);
      expect(answer).toEqual(mirror(pattern(size)));
      expect(pair.notices()).toEqual([]);
    });
  it("wastes no turn: a window of frames is one turn, an answer of one window needs no RR", () => {
    const parameters = { maxInfoTransmit: 128, maxInfoReceive: 128, windowTransmit: 7, windowReceive: 7 };
    const pair = new LinkPair(() => pattern(128 * 7 - 3), { client: { parameters }, server: { parameters } });
    pair.connect();
    const before = pair.frames;
    pair.exchange(pattern(20));
    expect(pair.frames - before).toBe(1 + 7);
  });
});

/** Drops, flips, doubles or cuts the frames that `hits` names. */
const fault =
  (kind: string, hit: (count: number) => boolean): Disturb =>
  (bytes, _from, count) => {
    if (!hit(count)) return [bytes];
    if (kind === "lost") return [];
    if (kind === "doubled") return [bytes, bytes];
    if (kind === "flipped")
      return [bytes.with(Math.min(5, bytes.length - 2), (bytes[Math.min(5, bytes.length - 2)] as number) ^ 4)];
    if (kind === "cut") return [bytes.subarray(0, bytes.length >> 1)];
    return [fromHex("7EA07E00FF"), bytes, fromHex("007E7E55")];
  };

describe("recovery by checkpointing", () => {
  for (const kind of ["lost", "doubled", "flipped", "cut", "noise"])
    for (const window of [1, 3])
      it(`each frame ${kind}, window ${window}: every APDU once and in order`, () => {
        const parameters = { maxInfoTransmit: 64, maxInfoReceive: 64, windowTransmit: window, windowReceive: window };
        for (let target = 0; target < 26; target++) {
          const pair = new LinkPair(mirror, {
            client: { parameters },
            server: { parameters },
            disturb: fault(kind, (count) => count === target),
          });
          pair.connect();
          const requests = [pattern(20, 1), pattern(300, 2), pattern(5, 3)];
          for (const request of requests) expect(pair.exchange(request), `frame ${target}`).toEqual(mirror(request));
          expect(pair.served()).toEqual(requests);
        }
      });
  it("many faults at random: exactly once, or a clear error", () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.integer({ min: 0, max: 99 })), fc.constantFrom(1, 2, 7), (dice, window) => {
        const parameters = { maxInfoTransmit: 40, maxInfoReceive: 40, windowTransmit: window, windowReceive: window };
        const kinds = ["lost", "doubled", "flipped", "cut", "noise"];
        const disturb: Disturb = (bytes, from, count) => {
          const roll = dice.next().value;
          return roll < 20 ? fault(kinds[roll % 5] as string, () => true)(bytes, from, count) : [bytes];
        };
        const pair = new LinkPair(mirror, { client: { parameters }, server: { parameters }, disturb });
        pair.connect();
        if (pair.failure() !== undefined) return;
        const requests = [pattern(10, 1), pattern(200, 2), pattern(3, 3), pattern(90, 4)];
        const answers: Uint8Array[] = [];
        for (const request of requests) {
          const answer = pair.exchange(request);
          if (answer === undefined) break;
          answers.push(answer);
        }
        expect(answers).toEqual(requests.slice(0, answers.length).map(mirror));
        const served = pair.served();
        expect(served).toEqual(requests.slice(0, served.length));
        if (answers.length < requests.length) expect(["timeout", "link-disconnected"]).toContain(pair.failure()?.code);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a meter that does otherwise", () => {
  const frame = (given: Partial<HdlcFrame> & Pick<HdlcFrame, "type">) =>
    encodeFrame({
      poll: true,
      destination: clientAddress(16),
      source: serverAddress(1),
      segmented: false,
      information: new Uint8Array(),
      ...given,
    });
  const connected = (options = {}) => {
    const link = new HdlcClientLink({ client: clientAddress(16), server: serverAddress(1), ...options });
    link.send({ type: "connect" }, 0);
    link.receive(frame({ type: "ua" }), 0);
    while (link.takeOutput() !== undefined || link.nextEvent() !== undefined);
    link.send({ type: "send", apdu: pattern(10) }, 0);
    link.takeOutput();
    return link;
  };
  const events = (link: HdlcClientLink) => {
    const found = [];
    for (let event = link.nextEvent(); event !== undefined; event = link.nextEvent()) found.push(event);
    return found;
  };
  const answer = { type: "i", sendSequence: 0, receiveSequence: 1, information: fromHex("E6E700C401") } as const;

  it("DM ends the link with a clear error", () => {
    const link = connected();
    link.receive(frame({ type: "dm" }), 1);
    expect(events(link).at(-1)).toMatchObject({ type: "failed", error: { code: "link-disconnected" } });
    expect(link.state).toBe("disconnected");
  });
  it("FRMR ends the link and says why in words", () => {
    const link = connected();
    link.receive(frame({ type: "frmr", information: fromHex("100004") }), 1);
    const failed = events(link).at(-1);
    expect(failed).toMatchObject({ type: "failed", error: { code: "frame-rejected" } });
    expect(JSON.stringify(failed)).toBeDefined();
    expect((failed as { error: Error }).error.message).toMatch(/too long/);
  });
  it("RNR makes the client wait and ask again", () => {
    const link = connected();
    link.receive(frame({ type: "rnr", receiveSequence: 1 }), 1);
    link.handleTimeout(link.deadline as number);
    expect(decodeFrame((link.takeOutput() as Uint8Array).subarray(1, -1))?.type).toBe("rr");
    link.receive(frame(answer), 600);
    expect(events(link).at(-1)).toMatchObject({ type: "apdu", apdu: fromHex("C401") });
  });
  it("a stray REJ goes back to its N(R)", () => {
    const link = connected();
    link.receive(frame({ type: "rej", receiveSequence: 0 }), 1);
    const again = decodeFrame((link.takeOutput() as Uint8Array).subarray(1, -1));
    expect(again).toMatchObject({ type: "i", sendSequence: 0 });
    expect(events(link).map((event) => (event.type === "notice" ? event.name : ""))).toContain("reject-tolerated");
  });
  it.each([
    ["LLC missing", "llc-missing", [{ ...answer, information: fromHex("C401") }]],
    [
      "LLC in each segment",
      "llc-repeated",
      [
        { ...answer, segmented: true, poll: false, information: fromHex("E6E700C4") },
        { ...answer, sendSequence: 1, segmented: true, poll: false, information: fromHex("E6E70001") },
        { ...answer, sendSequence: 2, information: fromHex("E6E700") },
      ],
    ],
    ["another address width", "address-width", [{ ...answer, source: serverAddress(1, 0, 4) }]],
  ] as const)("%s is put up with, and told", (_name, notice, frames) => {
    const link = connected({ parameters: { windowReceive: 7 } });
    for (const given of frames) link.receive(frame(given), 1);
    const found = events(link);
    expect(found.map((event) => (event.type === "notice" ? event.name : ""))).toContain(notice);
    expect(found.find((event) => event.type === "apdu")).toMatchObject({ apdu: fromHex("C401") });
  });
  it("our own echo is discarded", () => {
    const link = connected();
    link.send({ type: "send", apdu: pattern(4) }, 0);
    const fresh = new HdlcClientLink({ client: clientAddress(1), server: serverAddress(1) });
    fresh.send({ type: "connect" }, 0);
    fresh.receive(fresh.takeOutput() as Uint8Array, 1);
    expect(events(fresh)).toMatchObject([{ type: "notice", name: "echo-discarded" }]);
    expect(fresh.state).toBe("connecting");
  });
  it("N(S) stuck at 0 is taken only where the user says so", () => {
    for (const [ignoreSendSequence, taken] of [
      [true, 2],
      [false, 1],
    ] as const) {
      const link = connected({ ignoreSendSequence });
      link.receive(frame(answer), 1);
      link.send({ type: "send", apdu: pattern(10) }, 2);
      link.takeOutput();
      link.receive(frame({ ...answer, receiveSequence: 2 }), 3);
      expect(events(link).filter((event) => event.type === "apdu")).toHaveLength(taken);
    }
  });
  it("the number moves only after the frame check held", () => {
    const link = connected();
    const good = frame(answer);
    link.receive(good.with(good.length - 3, (good.at(-3) as number) ^ 1), 1);
    link.receive(good, 2);
    expect(events(link).filter((event) => event.type === "apdu")).toHaveLength(1);
  });
  it("replies of another meter on the bus are passed over", () => {
    const link = connected();
    link.receive(frame({ ...answer, source: serverAddress(2) }), 1);
    expect(events(link)).toMatchObject([{ type: "notice", name: "foreign-frame" }]);
  });
  it("a push in UI frames is delivered as unsolicited", () => {
    const link = connected();
    link.receive(frame({ type: "ui", poll: false, information: fromHex("E6E7000F00") }), 1);
    expect(events(link).at(-1)).toEqual({ type: "apdu", apdu: fromHex("0F00"), unsolicited: true });
  });
});

it("every move of the table leads to a state of the table, and every state can end", () => {
  for (const [state, moves] of Object.entries(linkMachine.table)) {
    for (const target of Object.values(moves)) expect(linkMachine.table).toHaveProperty(target);
    if (state !== "disconnected") expect(moves).toHaveProperty("given up", "disconnected");
  }
});

it("hostile octets never throw and never pile up", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 }), (pieces) => {
      const link = new HdlcClientLink({ client: clientAddress(16), server: serverAddress(1) });
      link.send({ type: "connect" }, 0);
      const splitter = new FrameSplitter();
      let out = 0;
      for (const piece of pieces) {
        const framed = concatBytes(Uint8Array.of(0x7e, 0xa0), piece);
        link.receive(framed, 1);
        for (const chunk of splitter.push(framed)) out += chunk.bytes.length;
      }
      expect(out).toBeLessThanOrEqual(pieces.reduce((sum, piece) => sum + piece.length + 2, 0));
    }),
  );
});
