import { describe, expect, it } from "vitest";
import type {
  ClientAssociationOptions,
  ServerProfile,
  ServiceRequest,
  ShortNames,
} from "../../src/association/index.js";
import { toHex } from "../../src/base/index.js";
import { method, namedObjects, shortNames } from "./block-forms.js";
import { clock, get, hex, Joined, octets, register } from "./joined.js";

const conformance = new Set([
  "read",
  "write",
  "unconfirmed-write",
  "block-transfer-with-get-or-read",
  "block-transfer-with-set-or-write",
  "multiple-references",
  "parameterized-access",
] as const);
const long = octets(900);
const answer = (request: ServiceRequest) => {
  switch (request.service) {
    case "get":
      return {
        service: "get" as const,
        results: request.items.map(({ attribute, access }, i) =>
          attribute.classId === 0
            ? { ok: false as const, result: 4 }
            : { ok: true as const, data: access ? long : new Uint8Array([17, i]) },
        ),
      };
    case "set":
      return { service: "set" as const, results: request.items.map((_, i) => (i === 1 ? 3 : 0)) };
    case "action":
      return { service: "action" as const, results: [{ result: 0, returned: { ok: true as const, data: long } }] };
    case "access":
      throw new Error("ACCESS is not asked here");
  }
};
const joined = (client: ClientAssociationOptions = {}, profile: Partial<ServerProfile> = {}) =>
  new Joined({
    client: { referencing: "short-name", shortNames, maxPduSize: 128, ...client },
    profile: { referencing: "short-name", shortNames, maxPduSize: 128, conformance, ...profile },
    answer,
  }).associate();

describe("short names: the same requests by Read and Write", () => {
  it("the association says so, and has its own base name", () => {
    const { negotiated } = joined().of("associated")[0]!;
    expect(negotiated.applicationContext).toEqual({ referencing: "short-name", ciphering: false });
    expect(negotiated.vaaName).toBe(0xfa00);
  });

  it("one Read for several attributes", () => {
    const pair = joined();
    expect(pair.ask(get(...namedObjects))).toMatchObject({
      response: { results: [0, 1, 2].map((i) => ({ data: hex(`110${i}`) })) },
    });
    expect(toHex(pair.wire.at(-2)!.apdu)).toBe("0503020108020208020308");
  });

  it("a name that the meter does not have is refused by itself", () => {
    const elsewhere: ShortNames = { ...shortNames, nameOf: () => 0x7700 };
    const pair = joined({ shortNames: elsewhere });
    expect(pair.ask(get(clock))).toMatchObject({ response: { results: [{ ok: false, result: 4 }] } });
    const nameless = joined({ shortNames: { ...shortNames, nameOf: () => undefined } });
    expect(() => nameless.ask(get(clock))).toThrow(/no short name/);
  });

  it("parameterized access, and an answer in blocks", () => {
    const pair = joined();
    const access = { selector: 1, parameters: hex("1101") };
    const outcome = pair.ask({ service: "get", items: [{ attribute: clock, access }] });
    expect(outcome).toMatchObject({ response: { results: [{ ok: true, data: long }] } });
    expect(pair.ofServer("request")[0]?.request).toEqual({ service: "get", items: [{ attribute: clock, access }] });
    expect(Math.max(...pair.wire.map(({ apdu }) => apdu.length))).toBe(128);
  });

  it("Write of several, with a result each; in blocks; unconfirmed", () => {
    const pair = joined();
    const two: ServiceRequest = {
      service: "set",
      items: [clock, register(1)].map((attribute) => ({ attribute, value: hex("1105") })),
    };
    expect(pair.ask(two)).toMatchObject({ response: { service: "set", results: [0, 3] } });
    const big: ServiceRequest = { service: "set", items: [{ attribute: clock, value: long }] };
    expect(pair.ask(big)).toMatchObject({ response: { service: "set", results: [0] } });
    expect(pair.ofServer("request")[1]?.request).toEqual(big);
    const small: ServiceRequest = { service: "set", items: [{ attribute: clock, value: hex("1105") }] };
    expect(pair.ask(small, { unconfirmed: true })).toMatchObject({ response: { results: [] } });
    expect(pair.ofServer("request")[2]?.unconfirmed).toBe(true);
    expect(pair.wire.at(-1)).toMatchObject({ towards: "server" });
  });

  it("a method, with a long parameter and a long result", () => {
    const pair = joined();
    const action: ServiceRequest = { service: "action", items: [{ method, parameter: long }] };
    expect(pair.ask(action)).toMatchObject({
      response: { results: [{ result: 0, returned: { ok: true, data: long } }] },
    });
    expect(pair.ofServer("request")[0]?.request).toEqual(action);
  });

  it("high level security by Read of the association's own method, ciphered", () => {
    const keys = {
      suite: 0,
      protection: "authenticated-encrypted",
      encryptionKey: hex("000102030405060708090A0B0C0D0E0F"),
      authenticationKey: hex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"),
    } as const;
    const authentication = { mechanism: "hls-gmac" } as const;
    const pair = joined(
      { authentication, security: { ...keys, systemTitle: hex("4D4D4D0000BC614E") } },
      { authentication, security: { ...keys, systemTitle: hex("4142434445464748") } },
    );
    expect(pair.of("rejected")).toEqual([]);
    expect(pair.ask(get(clock))).toMatchObject({ response: { results: [{ ok: true }] } });
    expect(pair.wire.at(-2)?.apdu[0]).toBe(0x25);
  });

  it("lost and doubled APDUs: the right value, or a clear error", () => {
    const access = { selector: 1, parameters: hex("1101") };
    const wanted: ServiceRequest = { service: "get", items: [{ attribute: clock, access }] };
    for (const copies of [0, 2])
      for (let at = 0; at < 18; at++) {
        const pair = joined();
        let index = 0;
        pair.fault = (apdu) => (index++ === at ? (Array(copies).fill(apdu) as Uint8Array[]) : [apdu]);
        const outcome = pair.ask(wanted);
        if (copies === 0 && outcome?.type === "failed") expect(outcome.error.code, `lost ${at}`).toBe("timeout");
        else expect(outcome, `${copies} at ${at}`).toMatchObject({ response: { results: [{ ok: true, data: long }] } });
        pair.fault = (apdu) => [apdu];
        if (pair.client.state === "idle") pair.associate();
        expect(pair.ask(wanted), `after ${copies} at ${at}`).toMatchObject({ type: "response" });
      }
  });

  it("after silence the association ends: a late answer could not be told from the next one", () => {
    const held: Uint8Array[] = [];
    const pair = joined();
    pair.fault = (apdu, towards) => {
      if (towards === "server") return [apdu];
      held.push(apdu);
      return [];
    };
    expect(pair.ask(get(clock))).toMatchObject({ type: "failed", error: { code: "timeout" } });
    expect(pair.client.state).toBe("idle");
    expect(pair.events.at(-1)).toMatchObject({ type: "failed", error: { code: "timeout" } });
    expect(() => pair.ask(get(register(1)))).toThrow(/idle/);
    pair.client.receive(held[0]!, pair.now);
    expect(pair.of("response")).toEqual([]);
  });
});
