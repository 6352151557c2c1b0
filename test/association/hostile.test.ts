import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ServiceRequest } from "../../src/association/index.js";
import { DlmsError } from "../../src/base/index.js";
import { clock, get, hex, Joined, octets } from "./joined.js";

const keys = {
  suite: 0,
  protection: "authenticated-encrypted",
  encryptionKey: hex("000102030405060708090A0B0C0D0E0F"),
  authenticationKey: hex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"),
} as const;
const gmac = { mechanism: "hls-gmac" } as const;
const data = octets(400);
const answer = (request: ServiceRequest) =>
  request.service === "get"
    ? { service: "get" as const, results: request.items.map(() => ({ ok: true as const, data })) }
    : { service: "set" as const, results: request.items.map(() => 0) };
const pairs = {
  plain: () => new Joined({ client: { maxPduSize: 128 }, profile: { maxPduSize: 128 }, answer }),
  ciphered: () =>
    new Joined({
      client: {
        maxPduSize: 128,
        authentication: gmac,
        security: { ...keys, systemTitle: hex("4D4D4D0000BC614E") },
      },
      profile: { authentication: gmac, security: { ...keys, systemTitle: hex("4142434445464748") } },
      answer,
    }),
};

/** How an APDU on its way is spoilt. */
const spoiling = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at: fc.nat(200), bits: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat(200), bits: fc.constant(0) }),
  fc.record({ kind: fc.constant("insert" as const), at: fc.nat(200), bits: fc.nat(255) }),
);

function spoil(apdu: Uint8Array, { kind, at, bits }: { kind: "flip" | "cut" | "insert"; at: number; bits: number }) {
  const place = at % apdu.length;
  if (kind === "cut") return apdu.slice(0, place);
  if (kind === "insert") return new Uint8Array([...apdu.subarray(0, place), bits, ...apdu.subarray(place)]);
  return apdu.map((octet, i) => (i === place ? octet ^ bits : octet));
}

describe("hostile APDUs", () => {
  for (const [name, make] of Object.entries(pairs)) {
    it(`${name}: any octets at any time give events, never anything else`, () => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }), fc.nat(3), (apdus, state) => {
          const pair = make();
          if (state > 0) pair.associate();
          if (state > 1) pair.client.send({ type: "request", id: 1, request: get(clock) }, 0);
          if (state > 2) pair.client.send({ type: "release" }, 0);
          for (const apdu of apdus) {
            pair.client.receive(apdu, 0);
            pair.server.receive(apdu);
          }
          pair.run();
          expect(pair.client.deadline).toBeUndefined();
          for (const event of pair.events) if ("error" in event) expect(DlmsError.is(event.error)).toBe(true);
        }),
        { numRuns: 150 },
      );
    });

    it(`${name}: a session with one APDU spoilt gives the right value, an error, or (unprotected) what was sent`, () => {
      fc.assert(
        fc.property(fc.nat(12), spoiling, (index, change) => {
          const pair = make();
          pair.fault = (apdu, _, at) => [at === index ? spoil(apdu, change) : apdu];
          pair.associate();
          const associated = pair.of("associated").length === 1;
          expect(associated || pair.of("rejected").length === 1).toBe(true);
          if (!associated) return;
          // An unprotected handshake that was spoilt may grant less: then nothing is sent.
          const granted = pair.client.negotiated?.conformance;
          if (name === "plain" && !(granted?.has("get") && granted.has("set"))) return;
          const outcome = pair.ask(get(clock));
          expect(outcome).toBeDefined();
          if (name === "ciphered" && outcome?.type === "response")
            expect(outcome.response).toEqual({ service: "get", results: [{ ok: true, data }] });
          const write = pair.ask({ service: "set", items: [{ attribute: clock, value: data }] });
          expect(write).toBeDefined();
          expect(pair.client.deadline).toBeUndefined();
        }),
        { numRuns: 200 },
      );
    });
  }

  it("blocks without end are refused at the limit, and the memory they took is given back", () => {
    const pair = new Joined({
      client: { maxPduSize: 128, maxResponseBytes: 1_000 },
      answer: () => ({ service: "get", results: [{ ok: true, data: octets(5_000) }] }),
    }).associate();
    expect(pair.ask(get(clock), { retry: false })).toMatchObject({ error: { code: "limit-exceeded" } });
    const meter = new Joined({ profile: { maxPduSize: 128 }, maxRequestBytes: 1_000, answer }).associate();
    const outcome = meter.ask({ service: "set", items: [{ attribute: clock, value: octets(5_000) }] });
    expect(outcome).toMatchObject({ error: { code: "request-refused", details: { reason: "pdu-too-long" } } });
    expect(meter.ofServer("request")).toEqual([]);
  });
});
