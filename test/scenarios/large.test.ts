// What is large: values of a megabyte, the longest packets and frames there are, writes above every 16-bit limit.
import { describe, expect, it } from "vitest";
import { equalBytes } from "../../src/base/index.js";
import { DataClass } from "../../src/cosem/index.js";
import { type Data, octets } from "../../src/data/index.js";
import { type MockClient, mockClientSaps, mockConformance, mockCredentials, object } from "../../src/mock/index.js";
import { bench, clients } from "../client/mock.js";

const note = "0-0:96.1.9*255";
const pattern = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
const megabyte = 1024 * 1024;
const management = (conformance: MockClient["conformance"]): MockClient => ({
  clientSap: mockClientSaps.management,
  authentication: { mechanism: "hls-gmac" },
  ...(conformance && { conformance }),
  security: { suite: 0, protection: "authenticated-encrypted", ...mockCredentials },
});
const publicClient: MockClient = { clientSap: mockClientSaps.public, authentication: { mechanism: "none" } };
const serviceBlocks = new Set([...mockConformance].filter((bit) => bit !== "general-block-transfer"));
const generalBlocks = new Set([...mockConformance].filter((bit) => !bit.startsWith("block-transfer")));

/** The comparison of the test runner takes seconds for a megabyte. */
const same = (value: Data | undefined, expected: Uint8Array) =>
  value?.type === "octet-string" && equalBytes(value.value, expected);

it.each([1, 63])("general blocks in windows of %i, both ways", async (blockWindow) => {
  const holder = object(DataClass, note, { value: octets(pattern(20_000)) }, { set: { value: true } });
  const { clock, connect, trace } = await bench(
    { link: "wrapper" },
    { objects: [holder], clients: [publicClient, management(generalBlocks)], maxPduSize: 128, blockWindow },
  );
  const meter = await clock.run(connect({ ...clients.management, maxPduSize: 128, blockWindow }));
  expect(same(await clock.run(meter.data(note).value.get()), pattern(20_000))).toBe(true);
  const written = pattern(20_000).reverse();
  await clock.run(meter.data(note).value.set(octets(written)));
  expect(same(await clock.run(meter.data(note).value.get()), written)).toBe(true);
  // The longest run of blocks in one direction is the window.
  const runs = trace
    .flatMap((event) => (event.type === "apdu" && event.apdu[0] === 0xe0 ? [event.direction] : []))
    .reduce<number[]>((lengths, direction, i, all) => {
      if (direction === all[i - 1]) lengths[lengths.length - 1] = (lengths.at(-1) ?? 0) + 1;
      else lengths.push(1);
      return lengths;
    }, []);
  expect(Math.max(...runs)).toBeGreaterThanOrEqual(blockWindow);
  expect(Math.max(...runs)).toBeLessThanOrEqual(blockWindow + 1);
  await clock.run(meter.close());
});

describe("a value of a megabyte, ciphered, there and back", () => {
  for (const [name, conformance] of Object.entries({
    "blocks of the service": serviceBlocks,
    "general blocks": generalBlocks,
  }))
    for (const link of ["wrapper", "hdlc"] as const)
      it(`${name} over ${link}`, async () => {
        const holder = object(DataClass, note, { value: octets(pattern(megabyte)) }, { set: { value: true } });
        const { clock, connect } = await bench(
          { link },
          { objects: [holder], clients: [publicClient, management(conformance)], maxPduSize: 4096 },
        );
        const hdlc = { maxInfoTransmit: 2030, maxInfoReceive: 2030 };
        const meter = await clock.run(connect({ ...clients.management, hdlc, timeouts: { responseMs: 60_000 } }));
        expect(same(await clock.run(meter.data(note).value.get()), pattern(megabyte))).toBe(true);
        const written = pattern(megabyte - 1000).reverse();
        await clock.run(meter.data(note).value.set(octets(written)));
        expect(same(await clock.run(meter.data(note).value.get()), written)).toBe(true);
        await clock.run(meter.close());
      });
});

it("a packet of 65,535 octets, every one of them used", async () => {
  const value = octets(pattern(65_535 - 8));
  const holder = object(DataClass, note, { value });
  const { clock, connect, trace } = await bench({ link: "wrapper" }, { objects: [holder], maxPduSize: 65_535 });
  const meter = await clock.run(connect({ ...clients.reader, maxPduSize: 65_535 }));
  expect(await clock.run(meter.data(note).value.get())).toEqual(value);
  const longest = Math.max(...trace.map((event) => (event.type === "apdu" ? event.apdu.length : 0)));
  expect(longest).toBe(65_535);
  await clock.run(meter.close());
});

it("an HDLC frame as long as the largest field that can be agreed on", async () => {
  const parameters = { maxInfoTransmit: 2030, maxInfoReceive: 2030 };
  const value = octets(pattern(5000));
  const holder = object(DataClass, note, { value }, { set: { value: true } });
  const { clock, connect, trace } = await bench(
    { link: "hdlc" },
    { objects: [holder], maxPduSize: 65_535, hdlc: { parameters } },
  );
  const server = { logical: 1, physical: 17, size: 4 } as const;
  const meter = await clock.run(connect({ ...clients.reader, server, hdlc: parameters, maxPduSize: 65_535 }));
  expect(await clock.run(meter.data(note).value.get())).toEqual(value);
  await clock.run(meter.data(note).value.set(octets(pattern(5000).reverse())));
  for (const direction of ["sent", "received"] as const) {
    const lengths = trace.map((event) =>
      event.type === "bytes" && event.direction === direction ? lengthOf(event.bytes) : 0,
    );
    // Format, four octets and one of address, control, both checks, and the field.
    expect(Math.max(...lengths)).toBe(2 + 4 + 1 + 1 + 2 + 2030 + 2);
  }
  await clock.run(meter.close());
});

/** What the format field of the frame that begins here says. */
const lengthOf = ([flag, high = 0, low = 0]: Uint8Array) => (flag === 0x7e ? ((high & 7) << 8) | low : 0);
