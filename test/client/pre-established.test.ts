import { describe, expect, it } from "vitest";
import { decodeApdu } from "../../src/apdu/index.js";
import { connect } from "../../src/client/index.js";
import { u8 } from "../../src/data/index.js";
import { type MockClient, MockMeter, mockCredentials } from "../../src/mock/index.js";
import { VirtualClock } from "../../src/transport/index.js";
import { ownTitle } from "./mock.js";
import { notepad, pad, withMeter } from "./with-meter.js";

const { encryptionKey, authenticationKey, systemTitle } = mockCredentials;
const plain: MockClient = {
  clientSap: 3,
  authentication: { mechanism: "none" },
  preEstablished: { peerMaxPduSize: 0 },
};
const ciphered: MockClient = {
  ...plain,
  security: {
    suite: 0,
    protection: "authenticated-encrypted",
    encryptionKey,
    authenticationKey,
    systemTitle,
    peerSystemTitle: Uint8Array.from(ownTitle.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
  },
};
const security = {
  encryptionKey,
  authenticationKey,
  systemTitle: ownTitle,
  meterSystemTitle: systemTitle,
  counterRecovery: { firstCounter: 5000 },
};
const apduTypes = (trace: readonly { type: string }[]) =>
  trace.flatMap((event) =>
    event.type === "apdu" ? [decodeApdu((event as unknown as { apdu: Uint8Array }).apdu).type] : [],
  );

describe.each([
  ["the wrapper", "wrapper"],
  ["HDLC", "hdlc"],
] as const)("a pre-established association over %s", (_, link) => {
  it(
    "needs no AARQ and no release",
    withMeter(
      async ({ meter, trace }) => {
        expect(meter.negotiated.conformance).toEqual(new Set(["get", "set", "action"]));
        expect(await meter.data("0-0:42.0.0").value.get()).toMatchObject({ type: "octet-string" });
        await meter.close();
        expect(apduTypes(trace)).toEqual(["get-request", "get-response"]);
      },
      { link },
      { client: 3, preEstablished: {} },
      { clients: [plain] },
    ),
  );

  it(
    "may be ciphered, the meter's system title being known",
    withMeter(
      async ({ meter, trace }) => {
        expect(String(await meter.register("1-0:1.8.0").value.get())).toMatch(/Wh$/);
        expect(new Set(apduTypes(trace))).toEqual(new Set(["glo-get-request", "glo-get-response"]));
      },
      { link },
      { client: 3, preEstablished: {}, security },
      { clients: [ciphered], objects: [] },
    ),
  );
});

describe("a pre-established association", () => {
  it(
    "by short names",
    withMeter(
      async ({ meter }) => expect(await meter.data("0-0:42.0.0").value.get()).toMatchObject({ type: "octet-string" }),
      { link: "wrapper" },
      { client: 3, preEstablished: {}, referencing: "short-name" },
      { clients: [{ ...plain, referencing: "short-name" }] },
    ),
  );

  it(
    "that the meter does not have ends in its refusal, at the first request",
    withMeter(
      async ({ meter }) => {
        await expect(meter.data(pad).value.set(u8(1))).rejects.toMatchObject({ code: "request-refused" });
      },
      { link: "wrapper" },
      { client: 2, preEstablished: {} },
    ),
  );

  it("with an authentication, which needs an AARQ, is refused before anything is sent", async () => {
    const endpoint = await new MockMeter().endpoint();
    const options = { preEstablished: {}, authentication: { mechanism: "low", password: "12345678" } } as const;
    await expect(connect(endpoint, options)).rejects.toMatchObject({ code: "invalid-argument" });
  });

  it("with another key is not understood, and no value is given", async () => {
    const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
    const mock = new MockMeter({ clock, clients: [ciphered], objects: [notepad()] });
    const endpoint = await mock.endpoint({ link: "wrapper" });
    await clock.run(
      (async () => {
        const wrong = { ...security, encryptionKey: new Uint8Array(16) };
        const meter = await connect(endpoint, { client: 3, preEstablished: {}, security: wrong });
        await expect(meter.data("0-0:42.0.0").value.get()).rejects.toMatchObject({
          code: "request-refused",
          details: { reason: "deciphering-error" },
        });
        await meter.close();
      })(),
    );
  });
});
