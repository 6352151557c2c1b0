import { describe, expect, it } from "vitest";
import { concatBytes, fromHex, toHex } from "../../src/base/index.js";
import { type ConnectOptions, connect } from "../../src/client/index.js";
import { MockMeter, mockCredentials } from "../../src/mock/index.js";
import { defaultProvider } from "../../src/node/crypto.js";
import { MemoryCounter, type Protection, SecurityContext } from "../../src/security/index.js";
import { VirtualClock } from "../../src/transport/index.js";
import { encodePacket } from "../../src/wrapper/index.js";
import { codes, eventsOf, pushes } from "./listen-helpers.js";
import { clients } from "./mock.js";
import { type Tampering, tampered } from "./tampering.js";

const { encryptionKey, authenticationKey, systemTitle } = mockCredentials;
const otherKey = new Uint8Array(16).fill(0x77);
const otherAuthenticationKey = new Uint8Array(16).fill(0x78);
const concentrator = fromHex("4443430000000001");
const pushTitle = fromHex("5055530000000001");

/** Somebody who seals with these keys under this title. */
function sender(title: Uint8Array, key = encryptionKey, tagKey = authenticationKey, counter = 1) {
  const context = new SecurityContext({
    crypto: defaultProvider,
    suite: 0,
    protection: "authenticated-encrypted",
    encryptionKey: key,
    authenticationKey: tagKey,
    systemTitle: title,
    counter: new MemoryCounter(counter),
  });
  return (apdu: Uint8Array, protection: Protection = "authenticated-encrypted") =>
    context.protect(apdu, { form: "general", protection });
}

const plain = (value: number) => fromHex(`0F000000070011${value.toString(16).padStart(2, "0")}`);
const packet = (apdu: Uint8Array) => encodePacket({ source: 1, destination: 16, apdu });
const numbers = (events: Parameters<typeof pushes>[0]) =>
  pushes(events).map(({ body }) => (body?.type === "unsigned" ? body.value : undefined));
/** The general form with its title taken out. */
const untitled = (apdu: Uint8Array) => concatBytes(apdu.subarray(0, 1), Uint8Array.of(0), apdu.subarray(10));

describe("authentication key withheld by the utility", () => {
  it("pushes are deciphered without being verified, and marked so", async () => {
    const events = await eventsOf([packet(sender(systemTitle)(plain(5)))], {
      keys: [{ encryptionKey }],
      verify: "off",
    });
    expect(numbers(events)).toEqual([5]);
    expect(pushes(events)).toMatchObject([{ authenticated: false, protection: "authenticated-encrypted" }]);
  });
  it("with verify if-key the one whose key is known is checked, the other marked", async () => {
    const keys = [{ encryptionKey, authenticationKey, systemTitle }, { encryptionKey: otherKey }];
    const both = [
      packet(sender(systemTitle)(plain(1))),
      packet(sender(concentrator, otherKey, otherAuthenticationKey)(plain(2))),
    ];
    const events = await eventsOf(both, { keys, verify: "if-key" });
    expect(pushes(events).map(({ authenticated }) => authenticated)).toEqual([true, false]);
  });
  it("required by default: nothing is delivered", async () => {
    const events = await eventsOf([packet(sender(systemTitle)(plain(5)))], { keys: [{ encryptionKey }] });
    expect([numbers(events), codes(events)]).toEqual([[], ["key-unknown"]]);
  });
  it("a session may be read without verifying, where the meter asks for encryption alone", async () => {
    const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
    const security = {
      suite: 0,
      protection: "none",
      policy: 2,
      encryptionKey,
      authenticationKey,
      systemTitle,
    } as const;
    const mock = new MockMeter({
      clock,
      household: { days: 1 },
      clients: [
        { clientSap: 16, authentication: { mechanism: "none" } },
        { clientSap: 1, authentication: { mechanism: "low", password: mockCredentials.password }, security },
      ],
    });
    const endpoint = await mock.endpoint({ link: "wrapper" });
    const options = (verify: "off" | "required"): ConnectOptions => ({
      client: 1,
      authentication: { mechanism: "low", password: mockCredentials.password },
      security: { encryptionKey, systemTitle: "41424300000000BB", policy: 2, verify },
    });
    const meter = await clock.run(connect(endpoint, options("off")));
    expect((await clock.run(meter.clock("0-0:1.0.0").time.get())).octets).toHaveLength(12);
    // What would need the key is not sent without it.
    const authenticated = meter.clock("0-0:1.0.0").time.get({ protection: "authenticated" });
    await expect(clock.run(authenticated)).rejects.toMatchObject({ code: "key-unknown" });
    await clock.run(meter.close());
  });
});

describe("two keys in one push", () => {
  const inner = sender(systemTitle)(plain(9));
  const nested = sender(concentrator, otherKey, otherAuthenticationKey)(inner);
  const meterKeys = { encryptionKey, authenticationKey, systemTitle };
  const concentratorKeys = {
    encryptionKey: otherKey,
    authenticationKey: otherAuthenticationKey,
    systemTitle: concentrator,
  };
  it("the concentrator's around the meter's: both are opened, the meter is the sender", async () => {
    const events = await eventsOf([packet(nested)], { keys: [concentratorKeys, meterKeys] });
    expect(numbers(events)).toEqual([9]);
    expect(pushes(events)).toMatchObject([{ authenticated: true, systemTitle }]);
  });
  it("one of them missing or wrong: nothing is delivered", async () => {
    for (const keys of [[meterKeys], [concentratorKeys]]) {
      const events = await eventsOf([packet(nested)], { keys });
      expect([numbers(events), codes(events)]).toEqual([[], ["wrong-system-title"]]);
    }
    const wrong = [concentratorKeys, { ...meterKeys, authenticationKey: otherKey }];
    expect(codes(await eventsOf([packet(nested)], { keys: wrong }))).toEqual(["authentication-failed"]);
  });
});

describe("missing system title", () => {
  const message = packet(untitled(sender(systemTitle)(plain(3))));
  it("the configured one stands in for it", async () => {
    const events = await eventsOf([message], { keys: [{ encryptionKey, authenticationKey, systemTitle }] });
    expect(numbers(events)).toEqual([3]);
    expect(pushes(events)).toMatchObject([{ authenticated: true, systemTitle }]);
  });
  it("with none configured it is refused by name", async () => {
    const events = await eventsOf([message], { keys: [{ encryptionKey, authenticationKey }] });
    expect([numbers(events), codes(events)]).toEqual([[], ["system-title-unknown"]]);
  });
  it("with another one configured its tag does not hold", async () => {
    const keys = [{ encryptionKey, authenticationKey, systemTitle: concentrator }];
    expect(codes(await eventsOf([message], { keys }))).toEqual(["authentication-failed"]);
  });
});

describe("a meter that pushes under another title than that of its association", () => {
  /** Before the next answer to a GET these come. */
  async function session(options: { readonly pushSystemTitle?: Uint8Array }, intrusions: readonly Uint8Array[]) {
    const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
    const mock = new MockMeter({ clock, household: { days: 1 } });
    let waiting: readonly Uint8Array[] = [];
    const intrude: Tampering = (apdu) => {
      if (apdu[0] !== 0xcc) return undefined;
      const all = [...waiting, apdu];
      waiting = [];
      return all;
    };
    const endpoint = tampered(await mock.endpoint({ link: "wrapper" }), intrude);
    const security = { ...clients.management.security, ...options };
    const meter = await clock.run(connect(endpoint, { ...clients.management, security }));
    const outcomes: string[] = [];
    for (const one of intrusions) {
      waiting = [one];
      const time = await clock.run(meter.clock("0-0:1.0.0").time.get()).catch((error: { code: string }) => error);
      outcomes.push("code" in time ? time.code : "answered");
    }
    await clock.run(meter.close());
    const heard: string[] = [];
    for await (const notification of meter.notifications)
      heard.push(
        notification.kind === "data-notification"
          ? `${toHex(notification.systemTitle ?? new Uint8Array())} ${toHex(notification.body)}`
          : notification.kind,
      );
    return { outcomes, heard };
  }
  it("is heard where that title is known, and the requests go on", async () => {
    const push = sender(pushTitle);
    expect(await session({ pushSystemTitle: pushTitle }, [push(plain(1)), push(plain(2))])).toEqual({
      outcomes: ["answered", "answered"],
      heard: [`${toHex(pushTitle)} 1101`, `${toHex(pushTitle)} 1102`],
    });
  });
  it("counts under that title by itself: once more is refused, and the meter's own counter is another", async () => {
    const push = sender(pushTitle);
    const first = push(plain(1));
    expect(await session({ pushSystemTitle: pushTitle }, [first, first])).toEqual({
      outcomes: ["answered", "answered"],
      heard: [`${toHex(pushTitle)} 1101`],
    });
  });
  it("gives nothing but notifications under it: an answer is refused", async () => {
    const answer = sender(pushTitle)(fromHex("C401C1000900"));
    const { outcomes, heard } = await session({ pushSystemTitle: pushTitle }, [answer]);
    expect([outcomes, heard]).toEqual([["wrong-system-title"], []]);
  });
  it("is a stranger where it is not known", async () => {
    const { outcomes, heard } = await session({}, [sender(pushTitle)(plain(1))]);
    expect([outcomes, heard]).toEqual([["wrong-system-title"], []]);
  });
});
