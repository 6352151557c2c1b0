import { describe, expect, it } from "vitest";
import type { Meter, TraceEvent } from "../../src/client/index.js";
import { octets, u8, u32 } from "../../src/data/index.js";
import { DlmsError } from "../../src/index.js";
import { clients } from "./mock.js";
import { pad, withMeter } from "./with-meter.js";

const relay = "0-0:96.3.10*255";

const uiFrames = (trace: readonly TraceEvent[]) =>
  trace.filter(
    (event) =>
      event.type === "bytes" && event.direction === "sent" && (event.bytes[5] === 0x03 || event.bytes[6] === 0x03),
  );

describe.each([
  ["HDLC, ciphered", { link: "hdlc" } as const, clients.management, {}],
  ["the wrapper, ciphered", { link: "wrapper" } as const, clients.management, {}],
  [
    "the wrapper by short names",
    { link: "wrapper" } as const,
    { ...clients.management, referencing: "short-name" } as const,
    { referencing: "short-name" } as const,
  ],
  [
    "HDLC by short names, with a password",
    { link: "hdlc" } as const,
    { ...clients.reader, referencing: "short-name" } as const,
    { referencing: "short-name" } as const,
  ],
])("services that ask for no answer over %s", (_, link, options, mock) => {
  it(
    "SET is carried out, and nothing is answered",
    withMeter(
      async ({ meter, requests }) => {
        const received = meter.statistics.apdusReceived;
        await meter.data(pad).value.set(u8(7), { confirmed: false });
        expect(meter.statistics.apdusReceived).toBe(received);
        expect(await meter.data(pad).value.get()).toEqual(u8(7));
        expect(requests[0]).toMatchObject({ unconfirmed: true, request: { service: "set" } });
      },
      link,
      options,
      mock,
    ),
  );

  it(
    "a method is invoked, and gives nothing",
    withMeter(
      async ({ meter, requests }) => {
        const handle = meter.disconnectControl(relay);
        expect(await handle.remoteDisconnect(undefined, { confirmed: false })).toBeUndefined();
        expect(await handle.outputState.get()).toBe(false);
        expect(requests[0]).toMatchObject({ unconfirmed: true, request: { service: "action" } });
      },
      link,
      options,
      mock,
    ),
  );

  it(
    "a refusal is not heard: nothing changes, nothing is thrown, the next request is answered",
    withMeter(
      async ({ meter }) => {
        await meter.raw(3, "1-0:1.8.0*255").set(2, u32(1), { confirmed: false });
        expect(await meter.register("1-0:1.8.0*255").value.getRaw()).not.toBe(1);
      },
      link,
      options,
      mock,
    ),
  );
});

describe("services that ask for no answer", () => {
  it(
    "go in UI frames over HDLC, and the link numbers stand still",
    withMeter(
      async ({ meter, trace }) => {
        trace.length = 0;
        for (const n of [10, 20, 30]) await meter.data(pad).value.set(u8(n), { confirmed: false });
        expect(uiFrames(trace)).toHaveLength(3);
        expect(await meter.data(pad).value.get()).toEqual(u8(30));
      },
      { link: "hdlc" },
    ),
  );

  it(
    "are refused before anything is sent when they are too long for one APDU, for blocks need answers",
    withMeter(
      async ({ meter, requests }) => {
        const conformance = new Set(["get", "set", "block-transfer-with-set-or-write"] as const);
        expect(meter.negotiated.conformance).toEqual(conformance);
        const long = meter.raw(1, pad).set(2, octets(new Uint8Array(2000)), { confirmed: false });
        const error = await long.catch((thrown: unknown) => thrown);
        expect(DlmsError.is(error) && error.code).toBe("request-too-long");
        expect(requests).toEqual([]);
      },
      { link: "wrapper" },
      { ...clients.management, conformance: new Set(["get", "set", "block-transfer-with-set-or-write"]) },
    ),
  );

  it(
    "by short names are refused when the meter does not grant unconfirmed-write",
    withMeter(
      async ({ meter }) => {
        const set = meter.data(pad).value.set(u8(5), { confirmed: false });
        await expect(set).rejects.toMatchObject({ code: "not-supported", details: { reason: "unconfirmed-write" } });
      },
      { link: "wrapper" },
      {
        ...clients.management,
        referencing: "short-name",
        conformance: new Set(["read", "write", "block-transfer-with-get-or-read", "parameterized-access"]),
      },
      { referencing: "short-name" },
    ),
  );
});

describe("priority", () => {
  const asked = async (meter: Meter, trace: TraceEvent[]) => {
    trace.length = 0;
    await meter.data("0-0:42.0.0*255").value.get({ priority: "high" });
    await meter.data("0-0:42.0.0*255").value.get();
    return trace.flatMap((event) => (event.type === "apdu" ? [(event.apdu[2] ?? 0) & 0x80] : []));
  };
  it(
    "high sets the bit in request and answer",
    withMeter(
      async ({ meter, trace }) => expect(await asked(meter, trace)).toEqual([0x80, 0x80, 0, 0]),
      { link: "wrapper" },
      clients.reader,
    ),
  );
  it(
    "high is left out where the meter does not grant priority management",
    withMeter(
      async ({ meter, trace }) => expect(await asked(meter, trace)).toEqual([0, 0, 0, 0]),
      { link: "wrapper" },
      { ...clients.reader, conformance: new Set(["get"]) },
    ),
  );
});
