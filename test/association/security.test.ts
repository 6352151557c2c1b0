import { describe, expect, it } from "vitest";
import type {
  AssociationSecurity,
  Authentication,
  ClientAssociationOptions,
  ServerProfile,
} from "../../src/association/index.js";
import { toHex } from "../../src/base/index.js";
import { MemoryCounter, SecurityContext } from "../../src/security/index.js";
import { clock, crypto, everything, get, hex, Joined, octets } from "./joined.js";

const keys = {
  suite: 0,
  protection: "authenticated-encrypted",
  encryptionKey: hex("000102030405060708090A0B0C0D0E0F"),
  authenticationKey: hex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"),
} as const;
const clientKeys: AssociationSecurity = { ...keys, systemTitle: hex("4D4D4D0000BC614E") };
const meterKeys: AssociationSecurity = { ...keys, systemTitle: hex("4142434445464748") };
const gmac: Authentication = { mechanism: "hls-gmac" };
const low = (password: string): Authentication => ({
  mechanism: "low",
  password: new TextEncoder().encode(password),
});

const value = hex("10003C");
const answer = () => ({ service: "get" as const, results: [{ ok: true as const, data: value }] });

function joined(client: ClientAssociationOptions, profile: Partial<ServerProfile>, more = {}) {
  return new Joined({ client, profile, answer, ...more }).associate();
}

const ciphered = (
  client: Partial<AssociationSecurity> = {},
  meter: Partial<AssociationSecurity> = {},
  authentication: Authentication = gmac,
) =>
  joined(
    { authentication, security: { ...clientKeys, ...client } },
    { authentication, security: { ...meterKeys, ...meter } },
  );

describe("associations that are protected", () => {
  for (const protection of ["authenticated", "encrypted", "authenticated-encrypted"] as const)
    for (const ciphering of ["service", "general"] as const)
      for (const dedicatedKey of [undefined, true] as const)
        it(`HLS-GMAC, ${protection}, ${ciphering} ciphering${dedicatedKey ? ", dedicated key" : ""}`, () => {
          const extra = { protection, ciphering };
          const pair = ciphered({ ...extra, ...(dedicatedKey && { dedicatedKey }) }, extra);
          expect(pair.of("rejected")).toEqual([]);
          expect(pair.ask(get(clock))).toMatchObject({ response: { results: [{ ok: true, data: value }] } });
          const tags = pair.wire.map(({ apdu }) => apdu[0]);
          const asked = ciphering === "general" ? (dedicatedKey ? 0xdc : 0xdb) : dedicatedKey ? 0xd0 : 0xc8;
          expect(tags.at(-2)).toBe(asked);
          expect(pair.ofServer("request")[0]?.protection).toBe(protection);
          pair.client.send({ type: "release" }, 0);
          pair.run();
          expect(pair.events.at(-1)).toEqual({ type: "released" });
          expect(pair.notices).toEqual([]);
        });

  for (const [ciphering, tag] of [
    ["service", 0xcc],
    ["general", 0xdb],
  ] as const)
    it(`a meter that is told no form fills blocks of ${ciphering} ciphering up to the limit`, () => {
      const long = new Uint8Array([0x09, 0x82, 0x03, 0xe8, ...new Uint8Array(1000)]);
      const pair = joined(
        { authentication: gmac, maxPduSize: 200, security: { ...clientKeys, ciphering } },
        { authentication: gmac, security: meterKeys },
        { answer: () => ({ service: "get", results: [{ ok: true, data: long }] }) },
      );
      expect(pair.ask(get(clock))).toMatchObject({ response: { results: [{ ok: true, data: long }] } });
      const answers = pair.wire.filter(({ apdu }) => apdu[0] === tag).map(({ apdu }) => apdu.length);
      expect(answers.filter((length) => length === 200).length).toBeGreaterThan(4);
      expect(pair.wire.some(({ apdu }) => apdu[0] === 0xe0)).toBe(false);
    });

  for (const [ciphering, tag] of [
    ["service", 0xcc],
    ["general", 0xdb],
  ] as const)
    it(`a meter that is told no form answers ${ciphering} ciphering in kind`, () => {
      const pair = ciphered({ ciphering });
      expect(pair.ask(get(clock))).toMatchObject({ response: { results: [{ ok: true, data: value }] } });
      expect(pair.wire.at(-1)?.apdu[0]).toBe(tag);
    });

  for (const mechanism of ["hls-md5", "hls-sha1", "hls-sha256"] as const)
    for (const security of [true, false])
      it(`${mechanism} ${security ? "with" : "without"} ciphering`, () => {
        const authentication = { mechanism, secret: hex("00112233445566778899AABBCCDDEEFF") };
        const pair = security
          ? ciphered({}, {}, authentication)
          : joined(
              { authentication, systemTitle: clientKeys.systemTitle },
              { authentication, systemTitle: meterKeys.systemTitle },
            );
        expect(pair.of("associated")).toHaveLength(1);
        expect(pair.ask(get(clock))).toMatchObject({ type: "response" });
      });

  it("ECDSA, suite 1", () => {
    const curves = crypto.ellipticCurves;
    if (!curves) throw new Error("the provider has no curves");
    const [ours, theirs] = [curves.generateKeyPair("P-256"), curves.generateKeyPair("P-256")];
    const pair = joined(
      {
        authentication: { mechanism: "hls-ecdsa", privateKey: ours.privateKey, peerPublicKey: theirs.publicKey },
        security: { ...clientKeys, suite: 1 },
      },
      {
        authentication: { mechanism: "hls-ecdsa", privateKey: theirs.privateKey, peerPublicKey: ours.publicKey },
        security: { ...meterKeys, suite: 1 },
      },
    );
    expect(pair.of("associated")).toHaveLength(1);
  });

  it("a password of low level security", () => {
    const pair = joined({ authentication: low("12345678") }, { authentication: low("12345678") });
    expect(pair.of("associated")[0]?.negotiated.mechanism).toBe("low");
  });

  it("the PDU size agreed on holds for the ciphered APDU", () => {
    const data = octets(5_000);
    const pair = new Joined({
      client: { authentication: gmac, security: clientKeys, maxPduSize: 200 },
      profile: { authentication: gmac, security: meterKeys, maxPduSize: 210 },
      answer: (request) =>
        request.service === "set"
          ? { service: "set", results: [0] }
          : { service: "get", results: [{ ok: true, data }] },
    }).associate();
    pair.ask(get(clock));
    pair.ask({ service: "set", items: [{ attribute: clock, value: data }] });
    const longest = (towards: string) =>
      Math.max(...pair.wire.filter((w) => w.towards === towards).map((w) => w.apdu.length));
    expect(longest("client")).toBe(200);
    expect(longest("server")).toBe(210);
  });

  it("a new dedicated key is drawn for each association", () => {
    const pair = ciphered({ dedicatedKey: true });
    const used = new Set<string>();
    for (let i = 0; i < 3; i++) {
      pair.client.send({ type: "release" }, 0);
      pair.run().associate();
      expect(pair.ask(get(clock))).toMatchObject({ type: "response" });
      used.add(toHex(pair.wire.at(-2)?.apdu ?? new Uint8Array()));
    }
    expect(used.size).toBe(3);
  });

  it("the meter answers under the key it was asked under, dedicated or global", () => {
    const pair = ciphered({ dedicatedKey: true });
    const context = new SecurityContext({ ...clientKeys, crypto, counter: new MemoryCounter(500) });
    const request = hex("C001C100080000010000FF0200");
    pair.server.receive(context.protect(request, { form: "service", key: "unicast" }));
    pair.pump();
    expect(pair.wire.at(-1)?.apdu[0]).toBe(0xcc);
    pair.ask(get(clock));
    expect(pair.wire.at(-1)?.apdu[0]).toBe(0xd4);
  });

  it("a dedicated key that was given serves one association alone", () => {
    const pair = ciphered({ dedicatedKey: hex("5E168412318BA71848C99B2B2AB33294") });
    pair.client.send({ type: "release" }, 0);
    pair.run();
    expect(() => pair.client.send({ type: "associate" }, 0)).toThrow(/dedicated key/);
  });

  for (const ciphering of ["service", "general"] as const)
    it(`pre-established, ${ciphering} ciphering: no AARQ, no RLRQ`, () => {
      const pair = joined(
        {
          preEstablished: { conformance: everything, peerMaxPduSize: 200 },
          security: { ...clientKeys, ciphering, peerSystemTitle: meterKeys.systemTitle },
        },
        {
          preEstablished: { peerMaxPduSize: 200 },
          security: { ...meterKeys, ciphering, peerSystemTitle: clientKeys.systemTitle },
        },
      );
      expect(pair.wire).toEqual([]);
      expect(pair.ask(get(clock))).toMatchObject({ response: { results: [{ ok: true, data: value }] } });
      pair.client.send({ type: "release" }, 0);
      pair.run();
      expect(pair.events.at(-1)).toEqual({ type: "released" });
      expect(pair.wire).toHaveLength(2);
    });
});
