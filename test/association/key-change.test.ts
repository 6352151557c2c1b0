import { describe, expect, it } from "vitest";
import type { AssociationSecurity } from "../../src/association/index.js";
import type { KeyReplacement } from "../../src/security/index.js";
import { SecurityContext } from "../../src/security/index.js";
import { clock, crypto, everything, get, hex, Joined, octets } from "./joined.js";

const keys = {
  suite: 0,
  protection: "authenticated-encrypted",
  encryptionKey: hex("000102030405060708090A0B0C0D0E0F"),
  authenticationKey: hex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"),
} as const;
const clientKeys: AssociationSecurity = { ...keys, systemTitle: hex("4D4D4D0000BC614E") };
const meterKeys: AssociationSecurity = { ...keys, systemTitle: hex("4142434445464748") };
const newKey = hex("10111213141516171819101112131415");
const otherAuthenticationKey = hex("A0A1A2A3A4A5A6A7A8A9AAABACADAEAF");
const change = {
  service: "action",
  items: [{ method: { classId: 64, instanceId: hex("00002B0000FF"), methodId: 2 }, parameter: octets(4) }],
} as const;

/** A pair whose meter takes up `taken` when it is told to change keys. */
function pair(taken: KeyReplacement, { answerLength = 0, maxPduSize = 1024, dedicated = false } = {}) {
  const joined: Joined = new Joined({
    client: {
      authentication: { mechanism: "hls-gmac" },
      security: { ...clientKeys, ...(dedicated && { dedicatedKey: true as const }) },
      conformance: everything,
      maxPduSize,
    },
    profile: { authentication: { mechanism: "hls-gmac" }, security: meterKeys },
    answer: (request) => {
      if (request.service !== "action")
        return { service: "get", results: [{ ok: true, data: octets(answerLength === 0 ? 3 : 200) }] };
      joined.server.send({ type: "replace-keys", keys: taken });
      const returned = answerLength === 0 ? {} : { returned: { ok: true, data: octets(answerLength) } as const };
      return { service: "action", results: [{ result: 0, ...returned }] };
    },
  });
  return joined.associate();
}

const counterOf = (apdu: Uint8Array) => new DataView(apdu.buffer, apdu.byteOffset).getUint32(3);

describe("keys that change while the association lives", () => {
  it("the response goes out under the old key, everything after it under the new one, counters from 0", () => {
    const joined = pair({ encryptionKey: newKey });
    expect(joined.ask(change)).toMatchObject({ type: "response", response: { results: [{ result: 0 }] } });
    joined.client.send({ type: "replace-keys", keys: { encryptionKey: newKey } }, joined.now);
    expect(joined.ask(get(clock))).toMatchObject({ type: "response" });
    const [request, response] = joined.wire.slice(-2);
    expect([counterOf(request!.apdu), counterOf(response!.apdu)]).toEqual([0, 0]);
    const listener = new SecurityContext({
      crypto,
      ...keys,
      encryptionKey: newKey,
      systemTitle: hex("4D4D4D0000BC614E"),
    });
    listener.peerSystemTitle = hex("4142434445464748");
    expect(listener.unprotect(response!.apdu).authenticated).toBe(true);
  });

  it("a client that goes on with the old key is refused", () => {
    const joined = pair({ encryptionKey: newKey });
    joined.ask(change);
    expect(joined.ask(get(clock), { retry: false })).toMatchObject({ type: "failed" });
  });

  it("an answer in blocks is ended under the old key", () => {
    const joined = pair({ encryptionKey: newKey }, { answerLength: 400, maxPduSize: 160 });
    const outcome = joined.ask(change);
    expect(outcome).toMatchObject({ type: "response", response: { results: [{ result: 0, returned: { ok: true } }] } });
    expect(joined.wire.filter(({ towards }) => towards === "client").length).toBeGreaterThan(4);
    joined.client.send({ type: "replace-keys", keys: { encryptionKey: newKey } }, joined.now);
    expect(joined.ask(get(clock))).toMatchObject({ type: "response" });
  });

  it("a new authentication key alone leaves the counters of the encryption key going", () => {
    const joined = pair({ authenticationKey: otherAuthenticationKey });
    joined.ask(change);
    const before = counterOf(joined.wire.at(-2)!.apdu);
    joined.client.send({ type: "replace-keys", keys: { authenticationKey: otherAuthenticationKey } }, joined.now);
    expect(joined.ask(get(clock))).toMatchObject({ type: "response" });
    expect(counterOf(joined.wire.at(-2)!.apdu)).toBe(before + 1);
  });

  it("a dedicated key stays, under the new authentication key", () => {
    const taken = { encryptionKey: newKey, authenticationKey: otherAuthenticationKey };
    const joined = pair(taken, { dedicated: true });
    joined.ask(change);
    joined.client.send({ type: "replace-keys", keys: taken }, joined.now);
    expect(joined.ask(get(clock))).toMatchObject({ type: "response" });
    joined.client.send({ type: "release" }, joined.now);
    joined.run();
    expect(joined.client.state).toBe("idle");
    expect(joined.of("released")).toHaveLength(1);
  });

  it("a notification after the change goes out under the new key", () => {
    const joined = pair({ encryptionKey: newKey });
    joined.ask(change);
    joined.client.send({ type: "replace-keys", keys: { encryptionKey: newKey } }, joined.now);
    const notification = {
      kind: "data-notification",
      longInvokeId: 1,
      dateTime: new Uint8Array(),
      body: octets(2),
    } as const;
    joined.server.send({ type: "notify", notification });
    joined.run();
    expect(joined.of("notification")).toHaveLength(1);
  });

  it("a key of another length is refused and changes nothing", () => {
    const joined = pair({});
    const keysOfWrongLength = { encryptionKey: newKey, authenticationKey: new Uint8Array(15) };
    expect(() => joined.client.send({ type: "replace-keys", keys: keysOfWrongLength }, joined.now)).toThrow(
      expect.objectContaining({ code: "invalid-key" }),
    );
    expect(joined.ask(get(clock))).toMatchObject({ type: "response" });
  });

  it("without security there is nothing to replace", () => {
    const joined = new Joined().associate();
    expect(() => joined.client.send({ type: "replace-keys", keys: { encryptionKey: newKey } }, 0)).toThrow(
      expect.objectContaining({ code: "wrong-state" }),
    );
  });
});
