import { describe, expect, it } from "vitest";
import { concatBytes, fromHex } from "../../src/base/index.js";
import { MemoryCounter, type PushKeys, PushOpener, type PushOpenerOptions } from "../../src/security/index.js";
import {
  authenticationKey,
  bothEnds,
  clientTitle,
  code,
  crypto,
  encryptionKey,
  flipped,
  serverTitle,
} from "./helpers.js";

const notification = fromHex("0F40000000000203090C07E2060103091E00000000FF0906010000020000FF060000303906");
const keys: PushKeys = { encryptionKey, authenticationKey };
const other = new Uint8Array(16).fill(0x55);
const opener = (options: Partial<PushOpenerOptions> = {}) => new PushOpener({ crypto, keys: [keys], ...options });
const meter = (changes: Parameters<typeof bothEnds>[0] = {}) => bothEnds(changes).server;

describe("pushes", () => {
  it("open with their own system title and are marked as checked", () => {
    expect(opener().open(meter().protect(notification))).toMatchObject({
      apdu: notification,
      authenticated: true,
      systemTitle: serverTitle,
      invocationCounter: 1,
    });
    expect(PushOpener.handles(meter().protect(notification))).toBe(true);
    expect(PushOpener.handles(notification)).toBe(false);
  });
  it("verify required: an unknown authentication key or a message without tag is refused", () => {
    expect(() => opener({ keys: [{ encryptionKey }] }).open(meter().protect(notification))).toThrow(
      code("key-unknown"),
    );
    expect(() => opener().open(meter({ protection: "encrypted" }).protect(notification))).toThrow(
      code("weaker-than-policy"),
    );
  });
  it("verify if-key: checked where the key is known, marked where it is not", () => {
    const ifKey = (own: PushKeys) => opener({ keys: [own], verify: "if-key" });
    expect(ifKey(keys).open(meter().protect(notification)).authenticated).toBe(true);
    expect(() => ifKey(keys).open(flipped(meter().protect(notification), -1))).toThrow(code("authentication-failed"));
    expect(ifKey({ encryptionKey }).open(meter().protect(notification))).toMatchObject({
      apdu: notification,
      authenticated: false,
    });
    expect(ifKey(keys).open(meter({ protection: "encrypted" }).protect(notification)).authenticated).toBe(false);
  });
  it("verify off: never checked, always marked", () => {
    const off = opener({ verify: "off" });
    expect(off.open(flipped(meter().protect(notification), -1))).toMatchObject({
      apdu: notification,
      authenticated: false,
    });
    const signedOnly = meter({ protection: "authenticated" }).protect(notification);
    expect(opener({ verify: "off", requires: "none" }).open(signedOnly).apdu).toEqual(notification);
  });
  it("two keys on one port: the one that opens is used, whatever the order", () => {
    for (const protection of ["authenticated-encrypted", "encrypted"] as const)
      for (const order of [(list: PushKeys[]) => list, (list: PushKeys[]) => list.reverse()]) {
        const two = opener({ keys: order([{ encryptionKey: other, authenticationKey }, keys]), requires: "none" });
        for (let counter = 1; counter < 30; counter++) {
          const message = meter({ protection, counter: new MemoryCounter(counter) }).protect(notification);
          expect(two.open(message).apdu).toEqual(notification);
        }
      }
  });
  it("two keys in one push: an outer layer under one and an inner under another", () => {
    const inner = bothEnds({ encryptionKey: other }).server.protect(notification);
    const outer = meter().protect(inner, { form: "general" });
    const two = opener({ keys: [keys, { encryptionKey: other, authenticationKey }] });
    const first = two.open(outer);
    expect(PushOpener.handles(first.apdu)).toBe(true);
    expect(two.open(first.apdu).apdu).toEqual(notification);
  });
  it("a broadcast key is used for its key set alone", () => {
    const message = meter({ broadcastKey: other }).protect(notification, { key: "broadcast" });
    expect(opener({ keys: [{ ...keys, broadcastKey: other }] }).open(message)).toMatchObject({ key: "broadcast" });
    expect(() => opener().open(message)).toThrow(code("authentication-failed"));
  });
  it("without a title of its own the configured one counts; without any it says so", () => {
    const message = meter().protect(notification);
    const untitled = concatBytes(Uint8Array.of(0xdb, 0), message.subarray(10));
    expect(() => opener().open(untitled)).toThrow(code("system-title-unknown"));
    expect(opener({ keys: [{ ...keys, systemTitle: serverTitle }] }).open(untitled).apdu).toEqual(notification);
  });
  it("a foreign title, a wrong key and no key each have a code", () => {
    const message = meter().protect(notification);
    expect(() => opener({ keys: [{ ...keys, systemTitle: clientTitle }] }).open(message)).toThrow(
      code("wrong-system-title"),
    );
    expect(() => opener({ keys: [{ encryptionKey: other, authenticationKey }] }).open(message)).toThrow(
      code("authentication-failed"),
    );
    expect(() => opener({ keys: [] }).open(message)).toThrow(code("key-unknown"));
    expect(() => opener({ keys: [{ ...keys, suite: 1 }] }).open(message)).toThrow(code("wrong-security-suite"));
    expect(() => opener().open(flipped(message, 11, 0x80))).toThrow(code("compression-unsupported"));
  });
  it("datagrams may overtake each other, but none is taken twice", () => {
    const sender = meter();
    const messages = Array.from({ length: 70 }, () => sender.protect(notification));
    const receiver = opener();
    for (const index of [2, 0, 1, 69]) receiver.open(messages[index]!);
    expect(() => receiver.open(messages[0]!)).toThrow(code("counter-lowered"));
    expect(() => receiver.open(messages[69]!)).toThrow(code("counter-repeated"));
    expect(receiver.open(messages[68]!).invocationCounter).toBe(69);
    expect(opener({ replayProtection: false }).open(messages[0]!).apdu).toEqual(notification);
  });
  it("the tag stripped from a message taken before, or a forged counter, changes nothing", () => {
    const sender = meter();
    const receiver = opener({ verify: "if-key" });
    const message = sender.protect(notification);
    receiver.open(message);
    const stripped = message.slice(0, -12);
    stripped[10]! -= 12;
    stripped[11] = 0x20;
    expect(() => receiver.open(stripped)).toThrow(code("counter-repeated"));
    const high = meter({ protection: "encrypted", counter: new MemoryCounter(0xfffffff0) });
    expect(receiver.open(high.protect(notification)).authenticated).toBe(false);
    expect(receiver.open(sender.protect(notification)).authenticated).toBe(true);
  });
  it("remembers no more senders than it is told", () => {
    const receiver = opener({ senderLimit: 2 });
    const senders = [1, 2, 3].map((last) => meter({ systemTitle: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, last) }));
    const messages = senders.map((sender) => sender.protect(notification));
    for (const message of messages) receiver.open(message);
    expect(() => receiver.open(messages[2]!)).toThrow(code("counter-repeated"));
    expect(receiver.open(messages[0]!).invocationCounter).toBe(1);
  });
});
