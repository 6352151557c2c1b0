import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { clock, get, hex, Joined, octets, register, without } from "./joined.js";

const answerWith = (data: Uint8Array) => () => ({ service: "get" as const, results: [{ ok: true as const, data }] });

describe("client and meter joined in memory, without security", () => {
  it("associate, read, release", () => {
    const joined = new Joined({ answer: answerWith(hex("10003C")) }).associate();
    expect(joined.of("associated")).toHaveLength(1);
    expect(joined.ofServer("associated")[0]?.clientSap).toBe(16);
    expect(joined.ask(get(clock))).toMatchObject({
      type: "response",
      response: { service: "get", results: [{ ok: true, data: hex("10003C") }] },
    });
    joined.client.send({ type: "release" }, joined.now);
    joined.run();
    expect(joined.events.at(-1)).toEqual({ type: "released" });
    expect(joined.serverEvents.at(-1)).toEqual({ type: "released" });
    expect(joined.wire.slice(-2).map(({ apdu }) => toHex(apdu))).toEqual(["6203800100", "6303800100"]);
    expect(joined.client.deadline).toBeUndefined();
  });

  it("a value larger than the PDU size comes in blocks", () => {
    const data = octets(100_000);
    const joined = new Joined({ client: { maxPduSize: 512 }, answer: answerWith(data) }).associate();
    const outcome = joined.ask(get(clock));
    expect(outcome).toMatchObject({ type: "response", response: { results: [{ ok: true, data }] } });
    const towardsClient = joined.wire.filter(({ towards }) => towards === "client").map(({ apdu }) => apdu.length);
    expect(Math.max(...towardsClient)).toBe(512);
  });

  it("a streamed value comes in parts, in order, and the answer without the octets", () => {
    const data = octets(2_900);
    const joined = new Joined({ client: { maxPduSize: 512 }, answer: answerWith(data) }).associate();
    const outcome = joined.ask(get(clock), { streaming: true });
    expect(outcome).toMatchObject({ type: "response", response: { results: [{ ok: true, data: new Uint8Array() }] } });
    const parts = joined.of("part");
    expect(parts.map(({ blockNumber }) => blockNumber)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(parts.map(({ last }) => last)).toEqual([false, false, false, false, false, true]);
    expect(toHex(new Uint8Array(parts.flatMap(({ data }) => [...data])))).toBe(toHex(data));
  });

  it("a streamed value that fits one APDU comes in one part", () => {
    const joined = new Joined({ answer: answerWith(hex("10003C")) }).associate();
    joined.ask(get(clock), { streaming: true });
    expect(joined.of("part")).toEqual([{ type: "part", id: 1002, data: hex("10003C"), blockNumber: 1, last: true }]);
  });

  it("several attributes go in one list, and one by one where lists were not granted", () => {
    const answer = (request: { items: readonly unknown[] }) => ({
      service: "get" as const,
      results: request.items.map((_, i) => ({ ok: true as const, data: new Uint8Array([17, i]) })),
    });
    const wanted = get(register(1), register(2), register(3));
    const withLists = new Joined({ answer }).associate();
    withLists.ask(wanted);
    expect(withLists.wire).toHaveLength(4);
    const oneByOne = new Joined({ answer, profile: { conformance: without("multiple-references") } }).associate();
    const outcome = oneByOne.ask(wanted);
    expect(oneByOne.wire).toHaveLength(8);
    expect(outcome?.type === "response" && outcome.response.results).toHaveLength(3);
  });

  it("SET and ACTION larger than the meter's PDU size go in blocks", () => {
    const value = octets(32_768);
    const seen: unknown[] = [];
    const joined = new Joined({
      profile: { maxPduSize: 256 },
      answer: (request) => {
        seen.push(request);
        return request.service === "set"
          ? { service: "set", results: [0] }
          : { service: "action", results: [{ result: 0, returned: { ok: true, data: octets(300) } }] };
      },
      client: { maxPduSize: 128 },
    }).associate();
    const set = { service: "set" as const, items: [{ attribute: clock, value }] };
    expect(joined.ask(set)).toMatchObject({ response: { service: "set", results: [0] } });
    expect(seen[0]).toEqual(set);
    const action = {
      service: "action" as const,
      items: [{ method: { classId: 18, instanceId: hex("00002C0000FF"), methodId: 2 }, parameter: octets(700) }],
    };
    expect(joined.ask(action)).toMatchObject({
      response: { service: "action", results: [{ result: 0, returned: { ok: true, data: octets(300) } }] },
    });
    expect(seen[1]).toEqual(action);
    expect(Math.max(...joined.wire.filter((w) => w.towards === "server").map((w) => w.apdu.length))).toBe(256);
    expect(Math.max(...joined.wire.filter((w) => w.towards === "client").map((w) => w.apdu.length))).toBe(128);
  });
});
