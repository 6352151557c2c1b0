import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import type { connect, RecordingEntry, TraceEvent } from "../../src/client/index.js";
import { Redactor } from "../../src/client/redaction.js";
import { octets } from "../../src/data/index.js";
import { FrameSplitter } from "../../src/hdlc/index.js";
import { type MockMeterOptions, mockClientSaps, mockCredentials } from "../../src/mock/index.js";
import type { MemoryLinkOptions } from "../../src/transport/index.js";
import { bench, clients } from "./mock.js";

const secrets = {
  password: mockCredentials.password,
  encryptionKey: mockCredentials.encryptionKey,
  authenticationKey: mockCredentials.authenticationKey,
};

/** Everything a session shows, as one text in several forms. */
async function everything(
  link: MemoryLinkOptions,
  options: Parameters<typeof connect>[1] = {},
  mock: MockMeterOptions = {},
): Promise<string> {
  const { clock, connect: open, trace } = await bench(link, mock);
  const recording: RecordingEntry[] = [];
  const errors: unknown[] = [];
  const meter = await clock.run(open(options)).catch((error: unknown) => void errors.push(error));
  if (meter !== undefined) {
    meter.record({ write: (entry) => recording.push(entry as RecordingEntry) });
    await clock.run(meter.clock("0-0:1.0.0*255").time.get());
    const association = meter.raw(15, "0-0:40.0.0*255");
    for (const call of [
      () => association.set(7, octets(newPassword)),
      () => association.get(7),
      () => association.invoke(2, octets(newPassword)),
      () => meter.raw(64, "0-0:43.0.0*255").invoke(2, octets(newPassword)),
    ])
      await clock.run<unknown>(call()).catch((error: unknown) => errors.push(error));
    await clock.run(meter.close());
    errors.push(inspect(meter, { depth: 10, showHidden: true }), JSON.stringify(meter));
  }
  expect(trace.length).toBeGreaterThan(5);
  return [inspect(trace.map(asText), { depth: 10 }), JSON.stringify(recording), inspect(errors, { depth: 10 })].join(
    "\n",
  );
}

const newPassword = new TextEncoder().encode("brandnew-password");

function asText(event: TraceEvent): unknown {
  return Object.fromEntries(
    Object.entries(event).map(([key, value]) => [key, value instanceof Uint8Array ? toHex(value) : value]),
  );
}

function expectNone(shown: string, of: Record<string, Uint8Array>): void {
  const text = shown.toUpperCase();
  for (const [name, secret] of Object.entries(of)) {
    expect(text.includes(toHex(secret)), `${name} in hex`).toBe(false);
    expect(text.includes(String.fromCharCode(...secret).toUpperCase()), `${name} as text`).toBe(false);
    expect(text.includes([...secret].join(",")), `${name} as numbers`).toBe(false);
    expect(text.includes([...secret].join(", ")), `${name} as numbers`).toBe(false);
  }
}

describe("no secret is in any trace, recording, error or inspection", () => {
  for (const link of ["hdlc", "wrapper"] as const)
    for (const client of ["reader", "management"] as const)
      it(`of the ${client} over ${link}`, async () => {
        expectNone(await everything({ link }, clients[client]), { ...secrets, newPassword });
      });

  it("of an association that is refused", async () => {
    const wrong = { ...clients.reader, authentication: { mechanism: "low", password: "wrong-pass" } } as const;
    const shown = await everything({ link: "wrapper" }, wrong);
    expect(shown).toContain("authentication-refused");
    expectNone(shown, { wrong: new TextEncoder().encode("wrong-pass") });
  });

  it("when frames are so short that the password is cut", async () => {
    const password = "a-very-long-password-0123456789-ABCDEFGH";
    const mock: MockMeterOptions = {
      hdlc: { parameters: { maxInfoReceive: 20, maxInfoTransmit: 20 } },
      clients: [
        {
          clientSap: mockClientSaps.reader,
          authentication: { mechanism: "low", password: new TextEncoder().encode(password) },
        },
      ],
    };
    const options = { client: 2, authentication: { mechanism: "low", password } } as const;
    const shown = (await everything({ link: "hdlc" }, options, mock)).toUpperCase();
    const secret = toHex(new TextEncoder().encode(password));
    for (let at = 0; at + 6 <= secret.length; at += 2) expect(shown.includes(secret.slice(at, at + 6))).toBe(false);
  });

  it("of a dedicated key in an initiate request that is authenticated alone", async () => {
    const keys: string[] = [];
    const {
      clock,
      connect: open,
      trace,
    } = await bench(
      { link: "wrapper" },
      {
        clients: [
          {
            clientSap: 1,
            authentication: { mechanism: "hls-gmac" },
            security: { ...securityOf("authenticated"), systemTitle: mockCredentials.systemTitle },
          },
        ],
      },
    );
    const { defaultProvider } = await import("../../src/node/crypto.js");
    const crypto = {
      ...defaultProvider,
      randomBytes: (length: number) => {
        const drawn = defaultProvider.randomBytes(length);
        keys.push(toHex(drawn));
        return drawn;
      },
    };
    const security = { ...clients.management.security, protection: "authenticated", dedicatedKey: true } as const;
    const counterRecovery = { firstCounter: 1000 };
    const meter = await clock.run(open({ ...clients.management, crypto, security: { ...security, counterRecovery } }));
    await clock.run(meter.clock("0-0:1.0.0*255").time.get());
    const [challenge, dedicated] = keys as [string, string];
    const shown = JSON.stringify(trace.map(asText));
    expect(shown).toContain(challenge);
    expect(shown).not.toContain(dedicated);
  });
});

function securityOf(protection: "authenticated") {
  const { encryptionKey, authenticationKey } = mockCredentials;
  return { suite: 0, protection, encryptionKey, authenticationKey } as const;
}

describe("what is shown of the line", () => {
  it("stays frames whose checks hold, so that it can be dissected", async () => {
    const { clock, connect: open, trace } = await bench({ link: "hdlc" });
    await clock.run(open(clients.reader));
    const sent = trace.filter((event) => event.type === "bytes" && event.direction === "sent");
    const masked = sent.filter((event) => event.type === "bytes" && toHex(event.bytes).includes("2A".repeat(8)));
    expect(masked).toHaveLength(1);
    for (const event of sent)
      if (event.type === "bytes")
        expect(new FrameSplitter().push(event.bytes).map(({ type }) => type)).toEqual(["frame"]);
  });

  it("is the line itself where there is no secret", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.constantFrom("hdlc", "wrapper"), (bytes, link) => {
        expect(new Redactor(link as "hdlc").line("sent", bytes)).toEqual({ bytes, hidden: [] });
      }),
    );
  });

  it("is a copy, also of a Buffer, whose slice is none", () => {
    for (const link of ["hdlc", "wrapper"] as const) {
      const redactor = new Redactor(link);
      redactor.hide();
      const octets = Buffer.from("00010001001000080102030405060708", "hex");
      const before = toHex(octets);
      redactor.line("sent", octets);
      redactor.sentApdu(octets);
      redactor.receivedApdu(octets);
      expect(toHex(octets)).toBe(before);
    }
  });
});
