import { describe, expect, it } from "vitest";
import { encodeApdu } from "../../src/apdu/index.js";
import type { ServiceRequest } from "../../src/association/index.js";
import { dlmsError, toHex } from "../../src/base/index.js";
import { clock, type Fault, get, hex, Joined, octets, register, without } from "./joined.js";

const data = octets(1_500);
const answer = (request: ServiceRequest) => {
  switch (request.service) {
    case "get":
      return { service: "get" as const, results: request.items.map(() => ({ ok: true as const, data })) };
    case "set":
      return { service: "set" as const, results: request.items.map(() => 0) };
    case "action":
      return { service: "action" as const, results: request.items.map(() => ({ result: 0 })) };
    case "access":
      throw new Error("ACCESS is not asked here");
  }
};
const inBlocks = (fault?: Fault) => {
  const joined = new Joined({ client: { maxPduSize: 256 }, profile: { maxPduSize: 256 }, answer }).associate();
  if (fault) joined.fault = fault;
  return joined;
};
const set: ServiceRequest = { service: "set", items: [{ attribute: clock, value: data }] };

/** A fault that strikes the APDU with this number, counted from the first request. */
const strike = (
  at: number,
  what: (apdu: Uint8Array, before: Uint8Array | undefined) => readonly Uint8Array[],
): Fault => {
  let count = 0;
  let before: Uint8Array | undefined;
  return (apdu) => {
    const out = count++ === at ? what(apdu, before) : [apdu];
    before = apdu;
    return out;
  };
};

const exact = (outcome: ReturnType<Joined["ask"]>) =>
  outcome?.type === "response" &&
  outcome.response.service === "get" &&
  outcome.response.results[0]?.ok === true &&
  toHex(outcome.response.results[0].data) === toHex(data);

describe("a GET in blocks: every APDU of the exchange struck in turn", () => {
  const { length } = inBlocksWire(get(clock));
  const faults = {
    lost: () => [],
    doubled: (apdu: Uint8Array) => [apdu, apdu],
    "swapped with the one before": (apdu: Uint8Array, before: Uint8Array | undefined) =>
      before ? [before, apdu] : [apdu],
    "with another invoke id": (apdu: Uint8Array) => [apdu.map((octet, i) => (i === 2 ? octet ^ 5 : octet))],
    "cut short": (apdu: Uint8Array) => [apdu.subarray(0, apdu.length - 3)],
  };
  for (const [name, fault] of Object.entries(faults))
    it(name, () => {
      for (let at = 0; at < length; at++) {
        const joined = inBlocks(strike(at, fault));
        const outcome = joined.ask(get(clock));
        expect(outcome, `${name} at ${at}`).toBeDefined();
        // Recovered exactly, or a clear error: never other octets.
        if (outcome?.type === "response") expect(exact(outcome), `${name} at ${at}`).toBe(true);
        if (name === "lost" || name === "doubled") expect(outcome?.type, `${name} at ${at}`).toBe("response");
        // The association is usable afterwards, and block numbers begin anew.
        joined.fault = (apdu) => [apdu];
        expect(exact(joined.ask(get(clock))), `after ${name} at ${at}`).toBe(true);
      }
    });

  it("a meter that gives the transfer up is asked from the start, once", () => {
    const gaveUp = (invoke: number) => new Uint8Array([0xc4, 2, invoke, 1, 0, 0, 0, 3, 1, 19]);
    for (const times of [1, 2]) {
      let left = times;
      let blocks = 0;
      const joined = inBlocks((apdu, towards) => {
        if (towards === "client" && ++blocks === 3 && left-- > 0) {
          blocks = 0;
          return [gaveUp(apdu[2]!)];
        }
        return [apdu];
      });
      const outcome = joined.ask(get(clock));
      if (times === 1) expect(exact(outcome)).toBe(true);
      else expect(outcome).toMatchObject({ type: "failed", error: { code: "block-transfer-failed", retryable: true } });
    }
  });

  it("a value refused in its first block is the value's refusal", () => {
    const joined = inBlocks((apdu, towards) =>
      towards === "client" ? [new Uint8Array([0xc4, 2, apdu[2]!, 1, 0, 0, 0, 1, 1, 3])] : [apdu],
    );
    expect(joined.ask(get(clock))).toMatchObject({ response: { results: [{ ok: false, result: 3 }] } });
  });

  it("streamed octets are never handed out twice", () => {
    for (let at = 0; at < length; at++) {
      const joined = inBlocks(strike(at, () => []));
      const outcome = joined.ask(get(clock), { streaming: true });
      const parts = joined.of("part");
      const received = toHex(new Uint8Array(parts.flatMap((part) => [...part.data])));
      expect(toHex(data).startsWith(received)).toBe(true);
      if (outcome?.type === "response") expect(received).toBe(toHex(data));
    }
  });
});

describe("a SET in blocks: every APDU of the exchange struck in turn", () => {
  it("is never sent again by itself, and an answer that got lost leaves the outcome open", () => {
    const { length } = inBlocksWire(set);
    expect(length).toBe(14);
    for (let at = 0; at < length; at++) {
      const joined = inBlocks(strike(at, () => []));
      const outcome = joined.ask(set);
      expect(outcome, `lost ${at}`).toMatchObject({ type: "failed", error: { code: "timeout" } });
      const complete = at >= length - 2;
      expect(outcome?.type === "failed" && outcome.error.outcomeUnknown, `lost ${at}`).toBe(complete);
      expect(joined.ofServer("request").length, `lost ${at}`).toBe(at === length - 1 ? 1 : 0);
      joined.fault = (apdu) => [apdu];
      expect(joined.ask(set)).toMatchObject({ type: "response" });
    }
  });

  it("doubled blocks and acknowledgements do not harm", () => {
    for (let at = 0; at < 13; at++) {
      const joined = inBlocks(strike(at, (apdu) => [apdu, apdu]));
      expect(joined.ask(set), `doubled ${at}`).toMatchObject({ type: "response", response: { results: [0] } });
      expect(joined.ofServer("request")[0]?.request, `doubled ${at}`).toEqual(set);
    }
  });
});

function inBlocksWire(request: ServiceRequest) {
  const joined = inBlocks();
  const before = joined.wire.length;
  joined.ask(request);
  return { length: joined.wire.length - before };
}

describe("time-outs and retries", () => {
  const silent = (towards: "client" | "server") => (apdu: Uint8Array, to: string) => (to === towards ? [] : [apdu]);

  it("a GET is asked again as a new APDU with a new invoke id, then fails", () => {
    const joined = inBlocks(silent("client"));
    const before = joined.wire.length;
    const outcome = joined.ask(get(clock));
    const asked = joined.wire.slice(before).filter(({ towards }) => towards === "server");
    expect(asked).toHaveLength(2);
    expect(asked[0]?.apdu[2]).not.toBe(asked[1]?.apdu[2]);
    expect(outcome).toMatchObject({ error: { code: "timeout", retryable: true, outcomeUnknown: false } });
    expect(joined.now).toBe(20_000);
  });

  it("an answer that comes late, after the request was asked again, is dropped", () => {
    const held: Uint8Array[] = [];
    let first = true;
    const joined = new Joined({ answer }).associate();
    joined.fault = (apdu, towards) => {
      if (towards === "server") return [apdu];
      if (first) {
        first = false;
        held.push(apdu);
        return [];
      }
      return [...held, apdu];
    };
    expect(exact(joined.ask(get(clock)))).toBe(true);
    expect(joined.notices).toEqual(["request-repeated", "late-answer-discarded"]);
  });

  it("link progress gives the answer its full time again", () => {
    const joined = inBlocks(silent("client"));
    joined.client.send({ type: "request", id: 1, request: get(clock), retry: false }, 0);
    joined.pump();
    joined.client.send({ type: "link-progress" }, 9_000);
    expect(joined.client.deadline).toBe(19_000);
  });

  it("AARQ and RLRQ without an answer", () => {
    const deaf = new Joined({ fault: silent("client") }).associate();
    expect(deaf.of("rejected")[0]?.error).toMatchObject({ code: "timeout", details: { phase: "association" } });
    const joined = inBlocks(silent("client"));
    joined.client.send({ type: "release" }, 0);
    joined.run();
    expect(joined.events.slice(-2).map(({ type }) => type)).toEqual(["notice", "released"]);
  });

  it("RLRQ that the meter does not know", () => {
    const joined = inBlocks((apdu, towards) => (towards === "client" ? [hex("D80202")] : [apdu]));
    joined.client.send({ type: "release" }, 0);
    joined.run();
    expect(joined.notices).toEqual(["release-unanswered"]);
    expect(joined.events.at(-1)).toEqual({ type: "released" });
  });
});

describe("cancelling and losing", () => {
  it("cancel in the middle of the blocks leaves the association usable", () => {
    const joined = inBlocks();
    let blocks = 0;
    joined.fault = (apdu, towards) => {
      if (towards === "client" && ++blocks === 3) joined.client.send({ type: "cancel", id: 7 }, 0);
      return [apdu];
    };
    joined.client.send({ type: "request", id: 7, request: get(clock), streaming: true }, 0);
    joined.client.send({ type: "request", id: 8, request: get(register(1)) }, 0);
    joined.run();
    expect(joined.outcome(7)).toMatchObject({ type: "failed", error: { code: "aborted" } });
    expect(joined.of("part").length).toBe(2);
    expect(joined.outcome(8)).toMatchObject({ type: "response" });
  });

  it("a lost link fails everything, and says which outcome is open", () => {
    const joined = inBlocks((apdu, towards) => (towards === "client" ? [] : [apdu]));
    const method = { classId: 70, instanceId: hex("0000600300FF"), methodId: 1 };
    joined.client.send({ type: "request", id: 1, request: { service: "action", items: [{ method }] } }, 0);
    joined.client.send({ type: "request", id: 2, request: get(clock) }, 0);
    joined.pump();
    const error = dlmsError("connection-lost", "the socket closed", { layer: "transport" });
    joined.client.send({ type: "link-lost", error }, 0);
    joined.pump();
    expect(joined.outcome(1)).toMatchObject({ error: { code: "connection-lost", outcomeUnknown: true } });
    expect(joined.outcome(2)).toMatchObject({ error: { outcomeUnknown: false, retryable: true } });
    expect(joined.events.at(-1)).toEqual({ type: "failed", error });
    joined.server.send({ type: "link-lost", error });
    joined.fault = (apdu) => [apdu];
    joined.associate();
    expect(joined.of("associated")).toHaveLength(2);
  });
});

describe("several at once", () => {
  it("maxInFlight 3: answers in any order find their requests", () => {
    const joined = new Joined({ client: { maxInFlight: 3 } }).associate();
    for (const id of [1, 2, 3, 4]) joined.client.send({ type: "request", id, request: get(register(id)) }, 0);
    joined.pump();
    const asked = joined.ofServer("request");
    expect(asked).toHaveLength(3);
    for (const { id, request } of [...asked].reverse()) {
      const [item] = request.service === "get" ? request.items : [];
      const response = {
        service: "get" as const,
        results: [{ ok: true as const, data: new Uint8Array([17, item!.attribute.instanceId[2]!]) }],
      };
      joined.server.send({ type: "respond", id, response });
    }
    joined.pump();
    for (const id of [1, 2, 3])
      expect(joined.outcome(id)).toMatchObject({ response: { results: [{ data: new Uint8Array([17, id]) }] } });
    expect(joined.ofServer("request")).toHaveLength(4);
  });

  it("a list refused as too much is halved until it fits", () => {
    const joined = new Joined({
      client: { maxPduSize: 128 },
      profile: { conformance: without("block-transfer-with-get-or-read") },
      answer: (request) => ({
        service: "get",
        results: request.items.map(() => ({ ok: true, data: octets(40) })),
      }),
    }).associate();
    const outcome = joined.ask(get(...[1, 2, 3, 4, 5, 6, 7].map(register)));
    expect(outcome?.type === "response" && outcome.response.results).toHaveLength(7);
    expect(joined.notices).toContain("list-split");
  });

  it("unconfirmed SET: sent, answered at once without results, and carried out", () => {
    const joined = new Joined({ answer }).associate();
    const small: ServiceRequest = { service: "set", items: [{ attribute: clock, value: hex("1101") }] };
    expect(joined.ask(small, { unconfirmed: true })).toMatchObject({ response: { service: "set", results: [] } });
    expect(joined.ofServer("request")[0]).toMatchObject({ unconfirmed: true, request: small });
    expect(joined.wire.at(-1)?.towards).toBe("server");
  });
});

describe("unasked", () => {
  it("notifications come through at any time, and do not disturb a request", () => {
    const joined = new Joined().associate();
    joined.client.send({ type: "request", id: 1, request: get(clock) }, 0);
    joined.pump();
    joined.server.send({
      type: "notify",
      notification: { kind: "data-notification", longInvokeId: 5, dateTime: new Uint8Array(), body: hex("1101") },
    });
    joined.server.send({
      type: "notify",
      notification: { kind: "event-notification", attribute: clock, value: hex("1102") },
    });
    joined.pump();
    expect(joined.of("notification").map(({ notification }) => notification)).toEqual([
      { kind: "data-notification", longInvokeId: 5, dateTime: new Uint8Array(), body: hex("1101"), protection: "none" },
      { kind: "event-notification", attribute: clock, value: hex("1102"), protection: "none" },
    ]);
    expect(joined.outcome(1)).toBeUndefined();
  });

  it("blocks although they were not granted are taken, and told", () => {
    const joined = new Joined({
      profile: { conformance: without("block-transfer-with-get-or-read") },
      fault: (apdu, towards, index) =>
        towards === "client" && index > 2
          ? [
              encodeApdu({
                type: "get-response",
                choice: "with-datablock",
                invokeIdAndPriority: { invokeId: 1, confirmed: true, highPriority: false },
                lastBlock: true,
                blockNumber: 1,
                result: { ok: true, data },
              }),
            ]
          : [apdu],
      answer,
    }).associate();
    expect(exact(joined.ask(get(clock)))).toBe(true);
    expect(joined.notices).toEqual(["blocks-not-negotiated"]);
  });
});
