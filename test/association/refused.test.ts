import { describe, expect, it } from "vitest";
import { decodeApdu, encodeApdu } from "../../src/apdu/index.js";
import { ClientAssociation, type ClientAssociationOptions, type ServerProfile } from "../../src/association/index.js";
import { RefusedError, SecurityError, toHex } from "../../src/base/index.js";
import { clock, crypto, everything, get, hex, Joined, without } from "./joined.js";

const keys = {
  suite: 0,
  protection: "authenticated-encrypted",
  encryptionKey: hex("000102030405060708090A0B0C0D0E0F"),
  authenticationKey: hex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"),
} as const;
const ours = { ...keys, systemTitle: hex("4D4D4D0000BC614E") };
const theirs = { ...keys, systemTitle: hex("4142434445464748") };
const gmac = { mechanism: "hls-gmac" } as const;
const low = (password: string) => ({ mechanism: "low", password: new TextEncoder().encode(password) }) as const;
const value = hex("10003C");
const answer = () => ({ service: "get" as const, results: [{ ok: true as const, data: value }] });

const pair = (client: ClientAssociationOptions, profile: Partial<ServerProfile>) =>
  new Joined({ client, profile, answer }).associate();
const secured = () => pair({ authentication: gmac, security: ours }, { authentication: gmac, security: theirs });
const rejection = (joined: Joined) => joined.of("rejected")[0]?.error;

describe("associations that must not come about", () => {
  it("a wrong password", () => {
    const error = rejection(pair({ authentication: low("12345678") }, { authentication: low("87654321") }));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ code: "authentication-refused", details: { reason: "authentication-failure" } });
    expect(error?.message).not.toContain("12345678");
  });

  it("no authentication where the meter wants one", () => {
    const error = rejection(pair({}, { authentication: low("12345678") }));
    expect(error).toMatchObject({ code: "authentication-refused", details: { reason: "authentication-required" } });
  });

  it("another mechanism than the meter offers", () => {
    const error = rejection(
      pair(
        { authentication: low("12345678") },
        { authentication: { mechanism: "hls-md5", secret: hex("0011223344556677") } },
      ),
    );
    expect(error?.details.reason).toBe("authentication-mechanism-name-not-recognised");
  });

  it("ciphering that the meter does not know", () => {
    const error = rejection(pair({ authentication: gmac, security: ours }, {}));
    expect(error?.details.reason).toBe("application-context-name-not-supported");
    expect(error?.advice).toContain("security");
  });

  it("a client address without an association", () => {
    const stranger = new Joined({ profile: { clientSap: 99 } }).associate();
    expect(rejection(stranger)).toMatchObject({ code: "association-rejected", details: { reason: "no-reason-given" } });
  });

  it("a PDU size that is too short, and no common service", () => {
    const none = pair({ conformance: new Set(["read"]) }, {});
    expect(rejection(none)?.details.reason).toBe("initiate: incompatible-conformance");
    expect(() => new ClientAssociation({ maxPduSize: 11 })).toThrow(/maxPduSize/);
  });

  it("a wrong encryption key: the meter cannot decipher", () => {
    const joined = pair(
      { authentication: gmac, security: { ...ours, encryptionKey: hex("FF".repeat(16)) } },
      { authentication: gmac, security: theirs },
    );
    expect(rejection(joined)?.details.reason).toBe("application-reference: deciphering-error");
  });

  it("a meter that fails its own proof is refused, and no request goes to it", () => {
    const joined = pair(
      { authentication: { mechanism: "hls-md5", secret: hex("00112233445566778899AABBCCDDEEFF") } },
      { authentication: { mechanism: "hls-md5", secret: hex("00112233445566778899AABBCCDDEEFF") } },
    );
    expect(joined.of("associated")).toHaveLength(1);
    const forged = new Joined({
      client: { authentication: { mechanism: "hls-md5", secret: hex("00112233445566778899AABBCCDDEEFF") } },
      profile: { authentication: { mechanism: "hls-md5", secret: hex("00112233445566778899AABBCCDDEEFF") } },
      fault: (apdu, towards) => {
        if (towards !== "client" || apdu[0] !== 0xc7) return [apdu];
        const copy = apdu.slice();
        copy[copy.length - 1]! ^= 1;
        return [copy];
      },
    }).associate();
    expect(rejection(forged)).toBeInstanceOf(SecurityError);
    expect(rejection(forged)).toMatchObject({ code: "hls-authentication-failed" });
    expect(() => forged.client.send({ type: "request", id: 1, request: get(clock) }, 0)).toThrow(/idle/);
  });

  it("a client that fails its proof gets no association", () => {
    const joined = pair(
      { authentication: { mechanism: "hls-sha1", secret: hex("00112233445566778899AABBCCDDEE00") } },
      { authentication: { mechanism: "hls-sha1", secret: hex("00112233445566778899AABBCCDDEEFF") } },
    );
    expect(rejection(joined)).toMatchObject({ code: "authentication-refused" });
    expect(joined.ofServer("associated")).toEqual([]);
    expect(joined.ofServer("rejected")[0]?.error.code).toBe("hls-authentication-failed");
    expect(joined.server.state).toBe("idle");
  });

  it("our own challenge sent back", () => {
    const joined = new Joined({
      client: { authentication: { mechanism: "hls-md5", secret: hex("0011223344556677") } },
      profile: { authentication: { mechanism: "hls-md5", secret: hex("0011223344556677") } },
    });
    let challenge: Uint8Array | undefined;
    joined.fault = (apdu, towards) => {
      const decoded = decodeApdu(apdu);
      if (towards === "server" && decoded.type === "aarq")
        challenge = decoded.callingAuthenticationValue?.value as Uint8Array;
      if (decoded.type !== "aare" || !challenge) return [apdu];
      return [encodeApdu({ ...decoded, respondingAuthenticationValue: { choice: "charstring", value: challenge } })];
    };
    expect(rejection(joined.associate())?.code).toBe("hls-challenge-invalid");
  });

  it("requests before the proof are refused", () => {
    const joined = new Joined({
      client: { authentication: gmac, security: ours },
      profile: { authentication: gmac, security: theirs },
      fault: (apdu, towards) => (towards === "server" && apdu[0] === 0xcb ? [] : [apdu]),
    }).associate();
    joined.server.receive(hex("C001C100080000010000FF0200"));
    expect(toHex(joined.server.takeOutput()!)).toBe("D80101");
    expect(joined.ofServer("request")).toEqual([]);
  });
});

describe("weaker than agreed", () => {
  const tamper = (change: (apdu: Uint8Array) => Uint8Array) => {
    const joined = secured();
    joined.fault = (apdu, towards) => [towards === "client" ? change(apdu) : apdu];
    return joined.ask(get(clock), { retry: false });
  };

  it("an answer without protection is refused", () => {
    const outcome = tamper(() => hex("C401C10010003C"));
    expect(outcome).toMatchObject({ type: "failed", error: { code: "weaker-than-policy" } });
  });

  it("a flipped bit is refused", () => {
    const outcome = tamper((apdu) => apdu.map((octet, i) => (i === 12 ? octet ^ 1 : octet)));
    expect(outcome).toMatchObject({ type: "failed", error: { code: "authentication-failed" } });
  });

  it("an application context without ciphering in the answer", () => {
    const joined = new Joined({
      client: { authentication: gmac, security: ours },
      profile: { authentication: gmac, security: theirs },
      fault: (apdu, towards) => {
        const decoded = towards === "client" ? decodeApdu(apdu) : undefined;
        return decoded?.type === "aare"
          ? [encodeApdu({ ...decoded, applicationContextName: "2.16.756.5.8.1.1" })]
          : [apdu];
      },
    }).associate();
    expect(rejection(joined)?.code).toBe("weaker-than-policy");
  });

  it("another mechanism in the answer", () => {
    const joined = new Joined({
      client: { authentication: gmac, security: ours },
      profile: { authentication: gmac, security: theirs },
      fault: (apdu, towards) => {
        const decoded = towards === "client" ? decodeApdu(apdu) : undefined;
        return decoded?.type === "aare" ? [encodeApdu({ ...decoded, mechanismName: "2.16.756.5.8.2.1" })] : [apdu];
      },
    }).associate();
    expect(rejection(joined)?.code).toBe("weaker-than-policy");
  });

  it("an exception-response without protection is a hint, and leaves a write's outcome open", () => {
    const joined = secured();
    joined.fault = (apdu, towards) => [towards === "client" ? hex("D80101") : apdu];
    const read = joined.ask(get(clock));
    expect(read).toMatchObject({ type: "failed", error: { code: "request-refused" } });
    expect(read?.type === "failed" && read.error.message).toContain("hint");
    const write = joined.ask({ service: "set", items: [{ attribute: clock, value }] });
    expect(write?.type === "failed" && write.error.outcomeUnknown).toBe(true);
  });

  it("a replayed request is refused by the meter, which names the counter it expects", () => {
    const joined = secured();
    const request = joined.wire.at(-2)?.apdu;
    joined.server.receive(request!);
    const refused = decodeApdu(joined.server.takeOutput()!);
    expect(refused).toMatchObject({ type: "exception-response", serviceError: 6 });
  });

  it("a replayed answer is dropped, and the request fails with the reason when nothing better comes", () => {
    const joined = secured();
    joined.ask(get(clock));
    const old = joined.wire.at(-1)?.apdu;
    joined.fault = (apdu, towards) => [towards === "client" && old ? old : apdu];
    const outcome = joined.ask(get(clock));
    expect(joined.notices).toContain("apdu-discarded");
    expect(outcome).toMatchObject({ type: "failed", error: { code: "counter-repeated" } });
  });

  it("a release by someone without the key does not end the association", () => {
    const joined = secured();
    joined.server.receive(encodeApdu({ type: "rlrq", userInformation: hex("01000000065F1F0400007E1F0000") }));
    expect(joined.server.state).toBe("associated");
  });
});

describe("what was not granted is not sent", () => {
  it("service, selective access, all attributes", () => {
    const joined = pair({}, { conformance: without("set", "selective-access", "attribute0-supported-with-get") });
    const set = { service: "set" as const, items: [{ attribute: clock, value }] };
    const before = joined.wire.length;
    for (const request of [
      set,
      { service: "get" as const, items: [{ attribute: clock, access: { selector: 1, parameters: hex("00") } }] },
      get({ ...clock, attributeId: 0 }),
    ])
      expect(() => joined.client.send({ type: "request", id: 1, request }, 0)).toThrow(/did not grant/);
    expect(joined.wire.length).toBe(before);
  });

  it("a SET that needs blocks which were not granted", () => {
    const joined = pair({}, { conformance: without("block-transfer-with-set-or-write"), maxPduSize: 64 });
    const outcome = joined.ask({ service: "set", items: [{ attribute: clock, value: new Uint8Array(200) }] });
    expect(outcome).toMatchObject({ type: "failed", error: { code: "request-too-long" } });
  });

  it("the meter refuses by itself what it did not grant", () => {
    const joined = pair({}, { conformance: new Set([...everything].filter((bit) => bit === "get")) });
    joined.server.receive(hex("C101C100080000010000FF020010003C"));
    expect(toHex(joined.server.takeOutput()!)).toBe("D80102");
  });
});

it("associations know their keys only from the options", () => {
  expect(() => new ClientAssociation({ security: ours })).toThrow(/crypto/);
  expect(() => new ClientAssociation({ authentication: gmac, crypto })).toThrow(/security/);
});
