import { describe, expect, it } from "vitest";
import { concatBytes, fromHex } from "../../src/base/index.js";
import { encodeSecurityControl, MemoryCounter, SecurityContext } from "../../src/security/index.js";
import {
  authenticationKey,
  bothEnds,
  clientTitle,
  code,
  crypto,
  encryptionKey,
  flipped,
  getRequest,
  getResponse,
  serverTitle,
} from "./helpers.js";

const other = new Uint8Array(16).fill(0x55);
const exceptionResponse = fromHex("D80102");
const confirmedServiceError = fromHex("0E010601");

describe("refused by name", () => {
  it("wrong encryption key", () => {
    const { client, server } = bothEnds({}, { encryptionKey: other });
    expect(() => server.unprotect(client.protect(getRequest))).toThrow(code("authentication-failed"));
  });
  it("wrong authentication key", () => {
    const { client, server } = bothEnds({}, { authenticationKey: other });
    expect(() => server.unprotect(client.protect(getRequest))).toThrow(code("authentication-failed"));
    const signed = bothEnds({ protection: "authenticated" }, { authenticationKey: other });
    expect(() => signed.server.unprotect(signed.client.protect(getRequest))).toThrow(code("authentication-failed"));
  });
  it("wrong key where there is no tag", () => {
    const { client, server } = bothEnds({ protection: "encrypted" }, { encryptionKey: other });
    expect(() => server.unprotect(client.protect(getRequest))).toThrow(code("wrong-key"));
    // One octet is all there is to look at in the general form: the next counter decrypts to a tag that is none.
    const general = () => server.unprotect(client.protect(getRequest, { form: "general" }));
    const outcomes = Array.from({ length: 20 }, () => {
      try {
        return general().authenticated;
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
    expect(new Set(outcomes)).toEqual(new Set(["wrong-key", false]));
  });
  it("wrong tag: every bit of a message flipped", () => {
    const { client, server } = bothEnds();
    const message = client.protect(getRequest);
    for (let bit = 0; bit < 8 * message.length; bit++) {
      const altered = flipped(message, bit >> 3, 1 << (bit & 7));
      // C8 with one bit changed is D8, an exception-response: a hint and no more.
      if (altered[0] === 0xd8) expect(server.unprotect(altered).untrustedHint).toBe(true);
      else
        expect(() => server.unprotect(altered)).toThrow(
          expect.objectContaining({ layer: expect.stringMatching(/security|codec/) }),
        );
    }
    expect(server.unprotect(message).apdu).toEqual(getRequest);
  });
  it("truncated tag", () => {
    const { client, server } = bothEnds();
    const message = client.protect(getRequest);
    for (let length = 5; length < 5 + 12; length++) {
      const cut = concatBytes(Uint8Array.of(message[0]!, length), message.subarray(2, 2 + length));
      expect(() => server.unprotect(cut)).toThrow(code("truncated-tag"));
    }
    const cut = concatBytes(Uint8Array.of(message[0]!, message[1]! - 4), message.subarray(2, message.length - 4));
    expect(() => server.unprotect(cut)).toThrow(code("authentication-failed"));
  });
  it("a message cut short, and one with octets behind it", () => {
    const { client, server } = bothEnds();
    const message = client.protect(getRequest, { form: "general" });
    for (let length = 1; length < message.length; length++)
      expect(() => server.unprotect(message.subarray(0, length))).toThrow(code("truncated"));
    expect(() => server.unprotect(new Uint8Array(0))).toThrow(code("truncated"));
    expect(() => server.unprotect(concatBytes(message, Uint8Array.of(0)))).toThrow(code("trailing-bytes"));
  });
  it("flipped security control: authentication taken off", () => {
    const { client, server } = bothEnds();
    const message = client.protect(getRequest);
    expect(() => server.unprotect(flipped(message, 2, 0x10))).toThrow(code("weaker-than-policy"));
    expect(() => server.unprotect(flipped(message, 2, 0x20))).toThrow(code("weaker-than-policy"));
    expect(() => server.unprotect(flipped(message, 2, 0x30))).toThrow(code("weaker-than-policy"));
  });
  it("flipped security control: suite, key set, compression", () => {
    const { client, server } = bothEnds();
    const message = client.protect(getRequest);
    expect(() => server.unprotect(flipped(message, 2, 0x01))).toThrow(code("wrong-security-suite"));
    expect(() => server.unprotect(flipped(message, 2, 0x0f))).toThrow(code("wrong-security-suite"));
    expect(() => server.unprotect(flipped(message, 2, 0x40))).toThrow(code("key-unknown"));
    expect(() => server.unprotect(flipped(message, 2, 0x80))).toThrow(code("compression-unsupported"));
  });
  it("security control 00 outside general-ciphering, whatever the policy", () => {
    const { server } = bothEnds({ protection: "none" });
    expect(() => server.unprotect(fromHex("C8120000000001C0010000080000010000FF0200"))).toThrow(
      code("weaker-than-policy"),
    );
  });
  it("a message moved under another service's tag", () => {
    const { client, server } = bothEnds();
    const message = client.protect(getRequest);
    message[0] = 0xc9;
    expect(() => server.unprotect(message)).toThrow(code("unexpected-message"));
  });
  it("a reply weaker than the policy", () => {
    for (const weaker of ["none", "authenticated", "encrypted"] as const) {
      const { client, server } = bothEnds();
      expect(() => client.unprotect(server.protect(getResponse, { protection: weaker }))).toThrow(
        code("weaker-than-policy"),
      );
    }
  });
  it("a reply weaker than its request", () => {
    const { client, server } = bothEnds({ requires: "none" });
    const reply = server.protect(getResponse, { protection: "encrypted" });
    expect(() => client.unprotect(reply, "authenticated")).toThrow(code("weaker-than-policy"));
    expect(client.unprotect(reply, "encrypted")).toMatchObject({ authenticated: false, protection: "encrypted" });
  });
  it("a foreign system title", () => {
    const { client, server } = bothEnds();
    const message = client.protect(getRequest, { form: "general" });
    expect(() => server.unprotect(flipped(message, 9))).toThrow(code("wrong-system-title"));
    server.peerSystemTitle = serverTitle;
    expect(() => server.unprotect(message)).toThrow(code("wrong-system-title"));
    expect(() => server.unprotect(client.protect(getRequest))).toThrow(code("authentication-failed"));
  });
  it("no system title at all", () => {
    const { client, server } = bothEnds({}, {}, { peerSystemTitle: undefined });
    expect(() => server.unprotect(client.protect(getRequest))).toThrow(code("system-title-unknown"));
    expect(server.unprotect(client.protect(getRequest, { form: "general" })).systemTitle).toEqual(clientTitle);
  });
  it("a general form with an empty title is the peer's; other lengths are malformed", () => {
    const { client, server } = bothEnds();
    const message = client.protect(getRequest, { form: "general" });
    const empty = concatBytes(Uint8Array.of(0xdb, 0), message.subarray(10));
    expect(server.unprotect(empty).apdu).toEqual(getRequest);
    expect(() => server.unprotect(concatBytes(Uint8Array.of(0xdb, 7), message.subarray(3)))).toThrow(code("malformed"));
  });
  it("a repeated counter, and a lowered one", () => {
    const { client, server } = bothEnds();
    const messages = [1, 2, 3].map(() => client.protect(getRequest));
    server.unprotect(messages[1]!);
    expect(() => server.unprotect(messages[1]!)).toThrow(code("counter-repeated"));
    expect(() => server.unprotect(messages[0]!)).toThrow(code("counter-lowered"));
    expect(server.unprotect(messages[2]!).apdu).toEqual(getRequest);
    expect(server.lastReceivedCounter).toBe(3);
  });
  it("a counter not above the one remembered from before", () => {
    const { client, server } = bothEnds({}, {}, { lastReceivedCounter: 2 });
    expect(() => server.unprotect(client.protect(getRequest))).toThrow(code("counter-lowered"));
    expect(() => server.unprotect(client.protect(getRequest))).toThrow(code("counter-repeated"));
    expect(server.unprotect(client.protect(getRequest)).invocationCounter).toBe(3);
  });
  it("a forged high counter does not lock the sound messages out", () => {
    const { client, server } = bothEnds();
    const forged = client.protect(getRequest);
    forged.set([0xff, 0xff, 0xff, 0xfe], 3);
    expect(() => server.unprotect(forged)).toThrow(code("authentication-failed"));
    expect(server.unprotect(client.protect(getRequest)).apdu).toEqual(getRequest);
  });
  it("an authenticated message sent again with its tag stripped", () => {
    const { client, server } = bothEnds({ requires: "encrypted" });
    const message = client.protect(getRequest);
    server.unprotect(message);
    const stripped = concatBytes(message.subarray(0, message.length - 12));
    stripped[1]! -= 12;
    stripped[2] = 0x20;
    expect(() => server.unprotect(stripped)).toThrow(code("counter-repeated"));
  });
  it("keys of another length", () => {
    const short = new Uint8Array(15);
    expect(() => bothEnds({ encryptionKey: short })).toThrow(code("invalid-key"));
    expect(() => bothEnds({ authenticationKey: short })).toThrow(code("invalid-key"));
    expect(() => bothEnds({ suite: 2 })).toThrow(code("invalid-key"));
    expect(() => bothEnds({ systemTitle: short })).toThrow(code("invalid-argument"));
    expect(() => bothEnds().client.useDedicatedKey(short)).toThrow(code("invalid-key"));
  });
  it("a sender without the authentication key", () => {
    const { client } = bothEnds({ authenticationKey: undefined });
    expect(() => client.protect(getRequest)).toThrow(code("key-unknown"));
  });
});

describe("unciphered in a ciphered association", () => {
  it.each([
    ["exception-response", exceptionResponse],
    ["confirmed-service-error", confirmedServiceError],
  ])("%s is handed out as an untrusted hint and moves no counter", (_, apdu) => {
    const { client } = bothEnds();
    expect(client.unprotect(apdu)).toEqual({ apdu, protection: "none", authenticated: false, untrustedHint: true });
    expect(client.lastReceivedCounter).toBe(-1);
  });
  it("every other tag is refused", () => {
    const { client } = bothEnds();
    for (let tag = 0; tag < 256; tag++) {
      if (tag === 0x0e || tag === 0xd8) continue;
      expect(() => client.unprotect(Uint8Array.of(tag, 1, 0xc1, 0, 5))).toThrow(
        expect.objectContaining({ layer: expect.stringMatching(/security|codec/) }),
      );
    }
  });
  it("is taken as it is where nothing is required", () => {
    const { client } = bothEnds({ protection: "none" });
    expect(client.unprotect(getResponse)).toMatchObject({ apdu: getResponse, untrustedHint: false });
    expect(client.protect(getRequest)).toBe(getRequest);
  });
});

describe("keys and counters of a context", () => {
  it("the dedicated key protects all but the initiate services, counting anew", () => {
    const { client, server } = bothEnds();
    client.useDedicatedKey(other);
    server.useDedicatedKey(other);
    const message = client.protect(getRequest);
    expect([...message.subarray(0, 7)]).toEqual([0xd0, 0x1e, 0x30, 0, 0, 0, 0]);
    expect(server.unprotect(message)).toMatchObject({ key: "dedicated", apdu: getRequest });
    expect(client.protect(fromHex("01000000065F1F0400007E1F04B0"))[0]).toBe(0x21);
    expect(client.protect(fromHex("0F400000000000"))[0]).toBe(0xdc);
    expect(server.unprotect(client.protect(getRequest, { key: "unicast" }))).toMatchObject({ key: "unicast" });
  });
  it("a dedicated form without a dedicated key", () => {
    const { client, server } = bothEnds();
    client.useDedicatedKey(other);
    expect(() => server.unprotect(client.protect(getRequest))).toThrow(code("key-unknown"));
  });
  it("the broadcast key has a counter and a bit of its own", () => {
    const { client, server } = bothEnds({ broadcastKey: other });
    const message = client.protect(getRequest, { key: "broadcast" });
    expect(message[2]).toBe(
      encodeSecurityControl({ suite: 0, protection: "authenticated-encrypted", broadcast: true, compressed: false }),
    );
    expect(server.unprotect(message)).toMatchObject({ key: "broadcast", apdu: getRequest });
  });
  it("services without a form of their own go in the general one", () => {
    const { client, server } = bothEnds();
    const notification = fromHex("0F400000000000");
    const message = client.protect(notification);
    expect(message[0]).toBe(0xdb);
    expect(server.unprotect(message).apdu).toEqual(notification);
  });
  it("the last counter is never used", () => {
    const { client } = bothEnds({ counter: new MemoryCounter(0xfffffffe) });
    expect([...client.protect(getRequest).subarray(3, 7)]).toEqual([0xff, 0xff, 0xff, 0xfe]);
    expect(() => client.protect(getRequest)).toThrow(code("counter-exhausted"));
    for (const value of [0xffffffff, -1, 1.5, Number.NaN])
      expect(() => bothEnds({ counter: { next: () => value } }).client.protect(getRequest)).toThrow(
        code("counter-exhausted"),
      );
  });
  it("decrypts without checking where the authentication key is withheld, and says so", () => {
    const sender = bothEnds().server;
    const client = new SecurityContext({
      crypto,
      suite: 0,
      protection: "authenticated-encrypted",
      encryptionKey,
      systemTitle: clientTitle,
      peerSystemTitle: serverTitle,
      verify: "if-key",
    });
    const opened = client.unprotect(sender.protect(getResponse));
    expect(opened).toMatchObject({ authenticated: false, apdu: getResponse });
    expect(client.lastReceivedCounter).toBe(-1);
    expect(() => client.unprotect(flipped(sender.protect(getResponse), 7))).toThrow(code("wrong-key"));
    const strict = bothEnds({ authenticationKey: undefined }).client;
    expect(() => strict.unprotect(sender.protect(getResponse))).toThrow(code("key-unknown"));
    expect(authenticationKey).toHaveLength(16);
  });
  it("is of no use after destroy", () => {
    const { client } = bothEnds();
    client.destroy();
    expect(() => client.protect(getRequest)).toThrow(code("key-unknown"));
  });
});
