import { describe, expect, it } from "vitest";
import { Channel } from "../../src/association/channel.js";
import type { AssociationSecurity, ServiceRequest } from "../../src/association/index.js";
import { type GeneralKey, generalProtection } from "../../src/security/index.js";
import { clock, crypto, everything, get, hex, Joined, octets, register } from "./joined.js";
import { parties } from "./parties.js";

const withBlocks = new Set([...everything, "general-block-transfer"] as const);
const long = octets(1500);
const seen: ServiceRequest[] = [];
const answer = (request: ServiceRequest) => {
  seen.push(request);
  if (request.service === "set") return { service: "set", results: request.items.map(() => 0) } as const;
  if (request.service === "action")
    return { service: "action", results: request.items.map(() => ({ result: 0 })) } as const;
  return { service: "get", results: request.items.map(() => ({ ok: true, data: long }) as const) } as const;
};
const method = { classId: 70, instanceId: hex("0000600A00FF"), methodId: 1 };

const forms: readonly (readonly [0 | 1 | 2, AssociationSecurity["ciphering"], GeneralKey, boolean])[] = [
  [0, "general-ciphering", "identified", false],
  [0, "general-ciphering", "wrapped", false],
  ...([1, 2] as const).flatMap((suite) => [
    ...(["identified", "wrapped", "one-pass", "static"] as const).flatMap((key) =>
      [false, true].map((signing) => [suite, "general-ciphering", key, signing] as const),
    ),
    [suite, "service", "identified", true] as const,
    [suite, "general", "identified", true] as const,
  ]),
];

describe("sessions in general-ciphering and general-signing", () => {
  for (const [suite, ciphering, key, signing] of forms)
    for (const blocks of ["blocks", "general blocks"] as const)
      it(`suite ${suite}, ${ciphering}, ${key} key${signing ? ", signed" : ""}: lists and ${blocks} within the PDU size`, () => {
        seen.length = 0;
        const { client, meter } = parties(suite).security({ key }, { signing, ...(ciphering && { ciphering }) });
        const limits = { client: 700, server: 650 };
        const bits =
          blocks === "blocks"
            ? everything
            : new Set([...withBlocks].filter((bit) => !bit.startsWith("block-transfer")));
        const pair = new Joined({
          client: { security: client, maxPduSize: limits.client, conformance: bits },
          profile: { security: meter, maxPduSize: limits.server, conformance: bits },
          answer,
        }).associate();
        expect(pair.of("rejected")).toEqual([]);
        const read = pair.ask(get(clock, register(1), register(2)));
        expect(read).toMatchObject({ response: { results: [1, 2, 3].map(() => ({ ok: true, data: long })) } });
        const set: ServiceRequest = { service: "set", items: [{ attribute: register(1), value: long }] };
        expect(pair.ask(set)).toMatchObject({ response: { results: [0] } });
        expect(pair.ask({ service: "action", items: [{ method, parameter: long }] })).toMatchObject({
          response: { results: [{ result: 0 }] },
        });
        expect(seen.at(-2)).toEqual(set);
        for (const { protection, signed } of pair.ofServer("request"))
          expect([protection, signed]).toEqual(["authenticated-encrypted", signing]);
        pair.client.send({ type: "release" }, pair.now);
        expect(pair.run().of("released")).toHaveLength(1);
        for (const { towards, apdu } of pair.wire.filter(({ apdu: [tag] }) => (tag ?? 0) >= 0x80))
          expect(apdu.length).toBeLessThanOrEqual(limits[towards]);
        // Blocks of the service fill what there is room for, but for the rounding of lengths.
        const longest = Math.max(
          ...pair.wire.filter(({ towards }) => towards === "client").map(({ apdu }) => apdu.length),
        );
        expect(longest).toBeGreaterThan(limits.client - 4);
        expect(pair.notices).toEqual([]);
      });
});

/** One end of suite 1 with something about it that is not as it should be. */
function refused(
  own: Partial<AssociationSecurity>,
  meters: Partial<AssociationSecurity> = {},
  key: GeneralKey = "one-pass",
  keys = parties(1),
) {
  const { client, meter } = keys.security({ key }, own, meters);
  return new Joined({ client: { security: client }, profile: { security: meter }, answer }).associate();
}

describe("what is refused of general-ciphering and general-signing", () => {
  it("by a meter that signs: a request without signature", () => {
    const keys = parties(1);
    const pair = refused({}, { signing: true }, "one-pass", keys);
    expect(pair.of("rejected")).toMatchObject([
      { error: { details: { reason: expect.stringContaining("deciphering-error") } } },
    ]);
  });

  it("by a client that signs: an answer without signature", () => {
    const policy = {
      request: { authenticated: true, encrypted: true, signed: false },
      response: { authenticated: true, encrypted: true, signed: false },
      responseAsRequest: false,
    };
    const pair = refused({ signing: true }, { policy });
    expect(pair.of("rejected")).toMatchObject([{ error: { code: "weaker-than-policy" } }]);
  });

  for (const key of ["one-pass", "static", "wrapped"] as const)
    it(`${key}: keys of somebody else`, () => {
      const keys = parties(1);
      const foreign = { ...parties(1).client, masterKey: new Uint8Array(16).fill(9) };
      const pair = refused({ general: generalProtection({ ...foreign, key }) }, {}, key, keys);
      expect(pair.of("associated")).toEqual([]);
      expect(pair.of("rejected")).toHaveLength(1);
    });

  for (const at of [1, 14, 23, 33, 40, 60, 130, 170, 200])
    it(`signed and ciphered: octet ${at} of a request altered, nothing reaches the meter`, () => {
      const pair = refused({ signing: true }, {}, "one-pass");
      expect(pair.of("associated")).toHaveLength(1);
      pair.fault = (apdu, towards) => {
        const altered = apdu.slice();
        if (towards === "server") altered[at] = (altered[at] ?? 0) ^ 1;
        return [altered];
      };
      expect(pair.ask(get(clock), { retry: false })).toMatchObject({ type: "failed" });
      expect(pair.ofServer("request")).toEqual([]);
    });

  it("an answer altered is not delivered", () => {
    const pair = refused({ signing: true });
    pair.fault = (apdu, towards) => {
      const altered = apdu.slice();
      if (towards === "client") altered[altered.length - 1] = (altered[altered.length - 1] ?? 0) ^ 1;
      return [altered];
    };
    expect(pair.ask(get(clock), { retry: false })).toMatchObject({ error: { code: "authentication-failed" } });
  });

  it("the same request once more: its counter was taken, under the global key and under an agreed one", () => {
    for (const key of ["identified", "static", "one-pass", "wrapped"] as const) {
      const pair = refused({}, {}, key);
      pair.ask(get(clock));
      const request = pair.wire.findLast(({ towards }) => towards === "server")?.apdu ?? new Uint8Array();
      const before = pair.ofServer("request").length;
      pair.server.receive(request);
      pair.pump();
      expect(pair.ofServer("request")).toHaveLength(before);
    }
  });

  it("a signature alone, where the meter wants ciphering too", () => {
    const signedOnly = refused({ signing: true, protection: "none", requires: "none" });
    expect(signedOnly.of("rejected")).toHaveLength(1);
  });

  it("another originator than the associated peer, another recipient than ourselves", () => {
    const keys = parties(1);
    const pair = refused({}, {}, "identified", keys);
    const stranger = new Joined({
      client: { security: keys.security({ key: "identified" }, { systemTitle: hex("5354520000000001") }).client },
      profile: { security: keys.security().meter },
      answer,
    }).associate();
    stranger.client.send({ type: "request", id: 1, request: get(clock) }, 0);
    const foreign = stranger.client.takeOutput() ?? new Uint8Array();
    pair.server.receive(foreign);
    pair.pump();
    expect(pair.ofServer("request")).toEqual([]);
    expect(pair.ofServer("notice").at(-1)?.message).toMatch(/originator/);
    const elsewhere = refused({ peerSystemTitle: hex("4D45540000000002") }, {}, "identified", keys);
    expect(elsewhere.of("associated")).toEqual([]);
  });

  it("keys that are missing: named when the association is made, not when the meter waits", () => {
    const keys = parties(1);
    const { general: _, ...without } = keys.security().client;
    expect(() => new Joined({ client: { security: without } })).toThrow(/generalProtection/);
    for (const key of ["wrapped", "one-pass", "static"] as const) {
      const bare = { ...keys.security().client, general: generalProtection({ key }) };
      const pair = new Joined({ client: { security: bare } });
      expect(() => pair.associate()).toThrow(/not known/);
      expect(pair.wire).toEqual([]);
    }
  });

  it("a meter without these keys answers a deciphering error", () => {
    const keys = parties(1);
    const { general: _, ...bare } = keys.security().meter;
    const pair = new Joined({
      client: { security: keys.security().client },
      profile: { security: bare },
    }).associate();
    expect(pair.of("rejected")).toMatchObject([
      { error: { details: { reason: expect.stringContaining("deciphering-error") } } },
    ]);
  });
});

describe("the broadcast key", () => {
  it("is accepted for requests, with its own counter, and marked in the security control", () => {
    const keys = parties(1);
    const broadcastKey = new Uint8Array(16).fill(7);
    for (const ciphering of ["service", "general", "general-ciphering"] as const) {
      const { client, meter } = keys.security({ key: "identified" }, { broadcastKey, ciphering }, { broadcastKey });
      const pair = new Joined({ client: { security: client }, profile: { security: meter }, answer }).associate();
      // What is sent to many goes beside the association: sealed by hand here.
      const channel = new Channel(client, crypto);
      const sent = channel.seal(hex("C101410003010001080" + "0FF02001101"), undefined, { broadcast: true });
      expect([...sent]).toContain(0x71);
      pair.server.receive(sent);
      expect(pair.pump().ofServer("request")).toMatchObject([{ request: { service: "set" } }]);
      // Its counters are its own: taken once, and the association's go on beside them.
      pair.server.receive(sent);
      expect(pair.pump().ofServer("request")).toHaveLength(1);
      expect(pair.ask(get(clock))).toMatchObject({ type: "response" });
    }
  });
});
