import { describe, expect, it } from "vitest";
import { DlmsError, fromHex } from "../../src/base/index.js";
import { type ConnectOptions, connect, type Meter, type TraceEvent } from "../../src/client/index.js";
import { MockMeter, mockCredentials } from "../../src/mock/index.js";
import { defaultProvider } from "../../src/node/crypto.js";
import { MemoryCounter, memoryCounterStore, readEnvelope, SecurityContext } from "../../src/security/index.js";
import { VirtualClock } from "../../src/transport/index.js";
import { clients } from "./mock.js";
import { type Tampering, tampered } from "./tampering.js";

const { encryptionKey, authenticationKey, systemTitle } = mockCredentials;
const gloGetResponse = 0xcc;
const exceptionResponse = fromHex("D80102");
const confirmedServiceError = fromHex("0E010601");

interface Scene {
  readonly clock: VirtualClock;
  readonly mock: MockMeter;
  readonly trace: TraceEvent[];
  open(options?: ConnectOptions): Promise<Meter>;
  /** From now on answers to GET go through this. */
  tamper(tampering: Tampering | undefined): void;
}

async function scene(body: (scene: Scene) => Promise<void>, always?: Tampering) {
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
  const mock = new MockMeter({ clock, household: { days: 1 } });
  const { endpoint } = await mock.memory({ link: "wrapper" });
  let tampering: Tampering | undefined;
  const way = tampered(
    endpoint,
    (apdu) => always?.(apdu) ?? (apdu[0] === gloGetResponse ? tampering?.(apdu) : undefined),
  );
  const trace: TraceEvent[] = [];
  const open = (options: ConnectOptions = {}) =>
    connect(way, {
      trace: (event) => trace.push(event),
      ...clients.management,
      timeouts: { responseMs: 500 },
      retries: 0,
      ...options,
    });
  await clock.run(
    body({
      clock,
      mock,
      trace,
      open,
      tamper: (next) => {
        tampering = next;
      },
    }),
  );
}

const time = (meter: Meter) => meter.clock("0-0:1.0.0").time.get();
const codeOf = async (task: Promise<unknown>) => {
  const error = await task.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return DlmsError.is(error) ? error.code : `no error of ours: ${error}`;
};
const changed = (apdu: Uint8Array, at: number, mask: number) => {
  const copy = apdu.slice();
  copy[at] = (copy[at] ?? 0) ^ mask;
  return copy;
};
/** The APDU with its last octets cut off, its length put right. */
const shorter = (apdu: Uint8Array, octets: number) => {
  const copy = apdu.slice(0, -octets);
  copy[1] = copy.length - 2;
  return copy;
};
/** Where the security control of a short service-specific APDU is. */
const control = 2;

/** A reply that is refused, and the code that says so: nothing of it is delivered, and the next one is taken. */
const refusedReplies: Readonly<Record<string, readonly [Tampering, string]>> = {
  "flipped security control: authentication taken off": [
    (apdu) => [changed(apdu, control, 0x10)],
    "weaker-than-policy",
  ],
  "flipped security control: encryption taken off": [(apdu) => [changed(apdu, control, 0x20)], "weaker-than-policy"],
  "flipped security control: nothing left": [(apdu) => [changed(apdu, control, 0x30)], "weaker-than-policy"],
  "flipped security control: another suite": [(apdu) => [changed(apdu, control, 0x01)], "wrong-security-suite"],
  "flipped security control: broadcast key": [(apdu) => [changed(apdu, control, 0x40)], "key-unknown"],
  "flipped security control: compression": [(apdu) => [changed(apdu, control, 0x80)], "compression-unsupported"],
  "wrong tag": [(apdu) => [changed(apdu, apdu.length - 1, 0x01)], "authentication-failed"],
  "wrong ciphertext": [(apdu) => [changed(apdu, 8, 0x80)], "authentication-failed"],
  "wrong counter": [(apdu) => [changed(apdu, 3, 0x40)], "authentication-failed"],
  "truncated tag": [(apdu) => [shorter(apdu, 4)], "authentication-failed"],
  "truncated tag: less than a tag left": [(apdu) => [shorter(apdu, apdu.length - 18)], "truncated-tag"],
  "wrong key": [
    (apdu) => {
      const stranger = new SecurityContext({
        crypto: defaultProvider,
        suite: 0,
        protection: "authenticated-encrypted",
        encryptionKey: new Uint8Array(16).fill(9),
        authenticationKey,
        systemTitle,
        counter: new MemoryCounter(readEnvelope(apdu).invocationCounter),
      });
      return [stranger.protect(fromHex("C401C10016FF"))];
    },
    "authentication-failed",
  ],
  "foreign system title in the reply": [
    (apdu) => {
      const foreign = new SecurityContext({
        crypto: defaultProvider,
        suite: 0,
        protection: "authenticated-encrypted",
        encryptionKey,
        authenticationKey,
        systemTitle: fromHex("444C4D00000000FF"),
        counter: new MemoryCounter(readEnvelope(apdu).invocationCounter),
      });
      return [foreign.protect(fromHex("C401C10016FF"), { form: "general" })];
    },
    "wrong-system-title",
  ],
  "reply weaker than policy: sound, authenticated alone": [
    (apdu) => {
      const careless = new SecurityContext({
        crypto: defaultProvider,
        suite: 0,
        protection: "authenticated",
        encryptionKey,
        authenticationKey,
        systemTitle,
        counter: new MemoryCounter(readEnvelope(apdu).invocationCounter),
      });
      return [careless.protect(fromHex("C401C10016FF"))];
    },
    "weaker-than-policy",
  ],
  "reply weaker than policy: in the clear": [() => [fromHex("C401C10016FF")], "weaker-than-policy"],
};

describe("a reply that was changed on the way is refused by name, and nothing of it delivered", () => {
  for (const [name, [tampering, code]] of Object.entries(refusedReplies))
    it(name, () =>
      scene(async ({ open, tamper, trace }) => {
        const meter = await open();
        tamper(tampering);
        trace.length = 0;
        expect(await codeOf(time(meter))).toBe(code);
        expect(trace).not.toContainEqual(expect.objectContaining({ type: "response" }));
        tamper(undefined);
        expect((await time(meter)).octets).toHaveLength(12);
        await meter.close();
      }),
    );
});

describe("what came before does not count again", () => {
  it("repeated counter: the reply taken last, given again to the next request", () =>
    scene(async ({ open, tamper, trace }) => {
      const meter = await open();
      let last = new Uint8Array();
      tamper((apdu) => {
        last = apdu.slice();
        return [apdu];
      });
      await time(meter);
      tamper(() => [last]);
      trace.length = 0;
      expect(await codeOf(time(meter))).toBe("counter-repeated");
      expect(trace).toContainEqual(expect.objectContaining({ type: "notice", name: "apdu-discarded" }));
      expect(trace).not.toContainEqual(expect.objectContaining({ type: "response" }));
      tamper(undefined);
      await time(meter);
      await meter.close();
    }));
  it("lowered counter: a reply of earlier", () =>
    scene(async ({ open, tamper }) => {
      const meter = await open();
      let first: Uint8Array | undefined;
      tamper((apdu) => {
        first ??= apdu.slice();
        return [apdu];
      });
      await time(meter);
      await time(meter);
      tamper(() => [first ?? new Uint8Array()]);
      expect(await codeOf(time(meter))).toBe("counter-lowered");
      await meter.close();
    }));
  it("a reply doubled on the way is taken once, and the next is not lost", () =>
    scene(async ({ open, tamper }) => {
      const meter = await open();
      tamper((apdu) => [apdu, apdu]);
      const [first, second] = [await time(meter), await time(meter)];
      expect([first.octets.length, second.octets.length]).toEqual([12, 12]);
      await meter.close();
    }));
});

describe("unciphered exception taken for more than a hint: it is not", () => {
  for (const [name, hint] of Object.entries({ exceptionResponse, confirmedServiceError }))
    it(name, () =>
      scene(async ({ open, tamper, trace, mock }) => {
        const meter = await open();
        await time(meter);
        const counter = mock.receivedCounter(1);
        tamper(() => [hint]);
        trace.length = 0;
        const error = await time(meter).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: "request-refused", details: { outcomeUnknown: true } });
        expect(String(error)).toContain("a hint, no proof");
        tamper(undefined);
        // As much protection as before, and a counter that went on by one for each request.
        await time(meter);
        const sent = trace.flatMap((event) =>
          event.type === "apdu" && event.direction === "sent" ? [event.apdu] : [],
        );
        expect(sent.map((apdu) => readEnvelope(apdu).securityControl)).toEqual([0x30, 0x30]);
        expect(mock.receivedCounter(1)).toBe((counter ?? 0) + 2);
        await meter.close();
      }),
    );
  it("with a counter that it claims: ours does not move", () =>
    scene(async ({ open, tamper, mock }) => {
      const meter = await open();
      await time(meter);
      const counter = mock.receivedCounter(1) ?? 0;
      // exception-response, invocation-counter-error, the counter 0x7FFFFFFF.
      tamper(() => [fromHex("D801067FFFFFFF")]);
      expect(await codeOf(time(meter))).toBe("request-refused");
      tamper(undefined);
      await time(meter);
      expect(mock.receivedCounter(1)).toBe(counter + 2);
      await meter.close();
    }));
});

describe("foreign system title", () => {
  const title = Array.from(systemTitle);
  /** The AARE says that it is another meter. */
  const otherTitle: Tampering = (apdu) => {
    if (apdu[0] !== 0x61) return undefined;
    const at = apdu.findIndex((_, i) => title.every((octet, j) => apdu[i + j] === octet));
    return at < 0 ? undefined : [changed(apdu, at + 7, 0xff)];
  };
  it("another meter than the one configured is refused before anything is opened", () =>
    scene(async ({ open }) => {
      const security = { ...clients.management.security, meterSystemTitle: systemTitle };
      expect(await codeOf(open({ security }))).toBe("wrong-system-title");
    }, otherTitle));
  it("a title that is not the sender's own does not open what it sent", () =>
    scene(async ({ open }) => {
      expect(await codeOf(open())).toBe("authentication-failed");
    }, otherTitle));
});

describe("counters of the meter, from session to session", () => {
  const kept = (counters = memoryCounterStore()) => ({
    security: { ...clients.management.security, systemTitle: "41424300000000AA", counters },
  });
  /** The meter with its counter set back, as one that plays an old session or lost its memory. */
  const again = async (body: (open: (options: ConnectOptions) => Promise<Meter>) => Promise<void>) => {
    const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
    const endpoints = await Promise.all(
      [5000, 100, 200].map(async (firstSentCounter) => {
        const mock = new MockMeter({ clock, household: { days: 1 }, firstSentCounter });
        return (await mock.memory({ link: "wrapper" })).endpoint;
      }),
    );
    const open = (options: ConnectOptions) => {
      const endpoint = endpoints.shift();
      if (endpoint === undefined) throw new Error("no more meters");
      return connect(endpoint, { ...clients.management, timeouts: { responseMs: 500 }, ...options });
    };
    await clock.run(body(open));
  };
  it("a lowered counter of the meter is detected where counters are kept", () =>
    again(async (open) => {
      const options = kept();
      await (await open(options)).close();
      expect(await codeOf(open(options))).toBe("counter-lowered");
    }));
  it("is forgotten once where the user says so, and kept from then on", () =>
    again(async (open) => {
      const options = kept();
      const meter = await open(options);
      await time(meter);
      await meter.close();
      await (await open({ security: { ...options.security, receivedCounters: "reset" } })).close();
      const [[, counter] = []] = [...(await received(options))];
      expect(counter).toBeGreaterThanOrEqual(100);
      expect(counter).toBeLessThan(200);
      await (await open(options)).close();
    }));
  it("each session begins anew where they are not to be kept, or the store cannot keep them", () =>
    again(async (open) => {
      const options = kept();
      const { reserve, next } = options.security.counters;
      await (await open(options)).close();
      await (await open({ security: { ...options.security, receivedCounters: "session" } })).close();
      await (await open({ security: { ...options.security, counters: { reserve, next } } })).close();
    }));

  const received = async ({ security }: ReturnType<typeof kept>) => {
    const { keyFingerprint } = await import("../../src/security/index.js");
    return (await security.counters.received?.(keyFingerprint(defaultProvider, encryptionKey))) ?? new Map();
  };
  it("the store keeps the highest, by key and meter", () =>
    again(async (open) => {
      const options = kept();
      const meter = await open(options);
      for (let i = 0; i < 5; i++) await time(meter);
      await meter.close();
      expect([...(await received(options))]).toEqual([["444C4D0000000001", expect.any(Number)]]);
      const [[, counter] = []] = [...(await received(options))];
      expect(counter).toBeGreaterThanOrEqual(5006);
    }));
});
