import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeApdu, encodeApdu, type GeneralBlockTransfer } from "../../src/apdu/index.js";
import { blockStreamMachine } from "../../src/association/block-stream.table.js";
import { GeneralBlocks } from "../../src/association/general-blocks.js";
import { ClientAssociation, type Conformance, type ServiceRequest } from "../../src/association/index.js";
import { toHex } from "../../src/base/index.js";
import { clock, everything, type Fault, get, hex, Joined, octets, without } from "./joined.js";

const conformance: Conformance = new Set([...everything, "general-block-transfer"]);
/** General block transfer is the only way for what is too long. */
const generalOnly: Conformance = new Set([
  ...without("block-transfer-with-get-or-read", "block-transfer-with-set-or-write", "block-transfer-with-action"),
  "general-block-transfer",
]);
const data = octets(1_500);
const set: ServiceRequest = { service: "set", items: [{ attribute: clock, value: data }] };
const answer = (request: ServiceRequest) =>
  request.service === "set"
    ? { service: "set" as const, results: [0] }
    : { service: "get" as const, results: [{ ok: true as const, data }] };

const joined = (fault?: Fault) => {
  const pair = new Joined({
    client: { conformance, maxPduSize: 128 },
    profile: { conformance: generalOnly, maxPduSize: 128 },
    answer,
  }).associate();
  if (fault) pair.fault = fault;
  return pair;
};

const block = (blockNumber: number, text: string, how: Partial<GeneralBlockTransfer> = {}) =>
  encodeApdu({
    type: "general-block-transfer",
    lastBlock: false,
    streaming: true,
    window: 0,
    blockNumber,
    blockNumberAck: 0,
    blockData: hex(text),
    ...how,
  });

describe("general block transfer between client and meter", () => {
  it("a long answer: windows of what the client takes, all within the PDU size", () => {
    const pair = joined();
    expect(pair.ask(get(clock))).toMatchObject({ response: { results: [{ ok: true, data }] } });
    const blocks = pair.wire.slice(3).map(({ apdu }) => decodeApdu(apdu)) as GeneralBlockTransfer[];
    expect(new Set(blocks.map(({ type }) => type))).toEqual(new Set(["general-block-transfer"]));
    expect(Math.max(...pair.wire.map(({ apdu }) => apdu.length))).toBe(128);
    // One block until the window is known, then windows of eight.
    const shape = blocks.map((b) => (b.blockData.length === 0 ? "a" : b.lastBlock ? "L" : b.streaming ? "s" : "e"));
    expect(shape.join("")).toBe("eassssssseasssL");
    expect(blocks.filter(({ blockData }) => blockData.length === 0).map((b) => b.blockNumberAck)).toEqual([1, 9]);
  });

  it("a long request: the meter's window, then its answer in general blocks too", () => {
    const pair = joined();
    expect(pair.ask(set)).toMatchObject({ response: { results: [0] } });
    expect(pair.ofServer("request")[0]?.request).toEqual(set);
    expect(decodeApdu(pair.wire.at(-1)!.apdu)).toMatchObject({ type: "general-block-transfer", lastBlock: true });
    expect(pair.ask(get(clock))).toMatchObject({ response: { results: [{ ok: true, data }] } });
    expect(pair.ask(set)).toMatchObject({ response: { results: [0] } });
  });

  for (const [name, fault] of Object.entries({
    lost: () => [],
    doubled: (apdu: Uint8Array) => [apdu, apdu],
  } satisfies Record<string, (apdu: Uint8Array) => readonly Uint8Array[]>))
    it(`a GET recovers from any block ${name}`, () => {
      const clean = joined();
      const before = clean.wire.length;
      clean.ask(get(clock));
      const count = clean.wire.length - before;
      for (let at = 0; at < count; at++) {
        let index = 0;
        const pair = joined((apdu) => (index++ === at ? fault(apdu) : [apdu]));
        expect(pair.ask(get(clock)), `${name} ${at}`).toMatchObject({ response: { results: [{ ok: true, data }] } });
      }
    });

  it("a SET: any block lost is sent again or the outcome is told; it is carried out once at most", () => {
    for (let at = 0; at < 16; at++) {
      let index = 0;
      const pair = joined((apdu) => (index++ === at ? [] : [apdu]));
      const outcome = pair.ask(set);
      const carriedOut = pair.ofServer("request").length;
      expect(carriedOut, `lost ${at}`).toBeLessThanOrEqual(1);
      if (outcome?.type === "response") expect(carriedOut).toBe(1);
      else expect(outcome?.error.outcomeUnknown || carriedOut === 0, `lost ${at}`).toBe(true);
    }
  });

  it("a request cancelled in the middle asks for no more, and the next one begins at block 1", () => {
    const pair = joined();
    let blocks = 0;
    pair.fault = (apdu, towards) => {
      if (towards === "client" && ++blocks === 4) pair.client.send({ type: "cancel", id: 7 }, 0);
      return [apdu];
    };
    pair.client.send({ type: "request", id: 7, request: get(clock) }, 0);
    pair.run();
    expect(pair.outcome(7)).toMatchObject({ type: "failed", error: { code: "aborted" } });
    pair.fault = (apdu) => [apdu];
    const before = pair.wire.length;
    expect(pair.ask(set)).toMatchObject({ response: { results: [0] } });
    expect(decodeApdu(pair.wire[before]!.apdu)).toMatchObject({ type: "general-block-transfer", blockNumber: 1 });
    expect(pair.ask(get(clock))).toMatchObject({ response: { results: [{ ok: true, data }] } });
  });

  it("a meter that gives a transfer up by an exception-response ends the request, and no more", () => {
    const pair = joined();
    let blocks = 0;
    pair.fault = (apdu, towards) =>
      towards === "client" && ++blocks === 4 ? [hex("D80102")] : blocks > 4 && towards === "client" ? [] : [apdu];
    expect(pair.ask(get(clock))).toMatchObject({ type: "failed", error: { code: "request-refused" } });
    pair.fault = (apdu) => [apdu];
    expect(pair.ask(get(clock))).toMatchObject({ response: { results: [{ ok: true, data }] } });
  });

  it("service-specific blocks are preferred where both were agreed on", () => {
    const pair = new Joined({
      client: { conformance, maxPduSize: 128 },
      profile: { conformance, maxPduSize: 128 },
      answer,
    }).associate();
    pair.ask(get(clock));
    expect(pair.wire.slice(2).some(({ apdu }) => apdu[0] === 0xe0)).toBe(false);
  });

  it("a transfer that would pass block 65,535 fails by name", () => {
    const blocks = new GeneralBlocks({ initiator: true, limit: 12, window: 1, maxBytes: 1 });
    expect(() => blocks.start(new Uint8Array(5 * 65_535 + 1))).toThrow(/65535/);
    expect(() => blocks.start(new Uint8Array(5 * 65_535))).not.toThrow();
  });

  it("more than the limit is refused", () => {
    const blocks = new GeneralBlocks({ initiator: true, limit: 100, window: 1, maxBytes: 10 });
    expect(() => blocks.receive(decodeApdu(block(1, "00".repeat(11))) as GeneralBlockTransfer)).toThrow(/10 octets/);
  });
});

describe("general block transfer in pushes", () => {
  const push = "0F0000000000" + "0906112233445566";
  const receive = (...blocks: Uint8Array[]) => {
    const client = new ClientAssociation();
    for (const apdu of blocks) client.receive(apdu, 0);
    const events = [];
    for (let event = client.nextEvent(); event; event = client.nextEvent()) events.push(event);
    return { events, output: client.takeOutput() };
  };
  const parts = [push.slice(0, 10), push.slice(10, 20), push.slice(20)];
  const [one, two, three] = parts.map((text, i) => block(i + 1, text, { lastBlock: i === 2 })) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const body = { type: "notification", notification: { kind: "data-notification", body: hex("0906112233445566") } };

  it("blocks are put together, and nothing is answered", () => {
    const { events, output } = receive(one, two, three);
    expect(events).toMatchObject([body]);
    expect(output).toBeUndefined();
  });

  it("an unfinished transfer before a new block 1 is dropped", () => {
    const { events } = receive(one, two, block(1, "0F00000000"), two, three);
    expect(events.at(-1)).toMatchObject(body);
  });

  it("a block twice does no harm, a lost one loses the push and no more", () => {
    expect(receive(one, two, two, three).events.at(-1)).toMatchObject(body);
    expect(receive(one, three).events.map((event) => event.type)).toEqual(["notice"]);
    expect(receive(one, three, one, two, three).events.at(-1)).toMatchObject(body);
  });
});

describe("the table of block streams", () => {
  it("an APDU is whole only after its last block", () => {
    for (const state of Object.keys(blockStreamMachine.table) as (keyof typeof blockStreamMachine.table)[])
      expect(blockStreamMachine.next(state, "complete")).toBe(state === "last-sent" ? "done" : undefined);
  });

  it("any octets, any window and any PDU size come over whole", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 400 }),
        fc.integer({ min: 8, max: 60 }),
        fc.integer({ min: 1, max: 63 }),
        (octets, limit, window) => {
          const sender = new GeneralBlocks({ initiator: true, limit, window: 5, maxBytes: 1_000 });
          const receiver = new GeneralBlocks({ initiator: false, limit, window, maxBytes: 1_000 });
          let towards = sender.start(octets);
          let whole: Uint8Array | undefined;
          for (let round = 0; round < 500 && !whole; round++) {
            const back: Uint8Array[] = [];
            for (const apdu of towards) {
              const step = receiver.receive(decodeApdu(apdu) as GeneralBlockTransfer);
              back.push(...step.send);
              whole ??= step.apdu;
            }
            towards = back.flatMap((apdu) => [...sender.receive(decodeApdu(apdu) as GeneralBlockTransfer).send]);
          }
          expect(toHex(whole ?? new Uint8Array())).toBe(toHex(octets));
        },
      ),
      { numRuns: 60 },
    );
  });
});
