import { describe, expect, it } from "vitest";
import { decodeData, text, u32 } from "../../src/data/index.js";
import { FrameSplitter } from "../../src/hdlc/index.js";
import { MockMeter } from "../../src/mock/index.js";
import { line8n1, lineModel, VirtualClock } from "../../src/transport/index.js";
import { bench, clients } from "../client/mock.js";

describe("push to clients that are connected", () => {
  for (const link of ["hdlc", "wrapper"] as const)
    for (const [name, options] of Object.entries(clients))
      it(`${name} over ${link}`, async () => {
        const { clock, mock, connect } = await bench({ link });
        const meter = await clock.run(connect(options));
        expect(mock.push({ body: text("door open"), longInvokeId: 77 })).toBe(1);
        await clock.advance(1000);
        const { value } = await clock.run(meter.notifications[Symbol.asyncIterator]().next());
        expect(value).toMatchObject({ kind: "data-notification", longInvokeId: 77 });
        expect(value.protection).toBe(name === "management" ? "authenticated-encrypted" : "none");
        expect(decodeData(value.body)).toEqual(text("door open"));
        // The session goes on as if nothing had been.
        expect(await clock.run(meter.data("0-0:96.1.0*255").value.get())).toMatchObject({ type: "octet-string" });
        await clock.run(meter.close());
      });
});

describe("push without an association", () => {
  async function listen(link: "hdlc" | "wrapper") {
    const clock = new VirtualClock();
    const line = lineModel({ clock, ...(link === "hdlc" && { line: line8n1(9600) }) });
    const heard: number[] = [];
    await line.near.open({ data: (bytes) => heard.push(...bytes), closed: () => {} });
    const meter = new MockMeter({ clock, physicalDevice: 17 });
    await meter.serve(line.far, { link });
    return { clock, meter, heard: () => Uint8Array.from(heard) };
  }
  it("over HDLC goes in a UI frame from the meter's address", async () => {
    const { clock, meter, heard } = await listen("hdlc");
    expect(meter.push({ body: u32(1), client: 16 })).toBe(1);
    await clock.advance(1000);
    const [chunk] = new FrameSplitter().push(heard());
    expect(chunk?.type === "frame" && chunk.frame).toMatchObject({
      type: "ui",
      destination: { upper: 16 },
      source: { upper: 1, lower: 17 },
    });
  });
  it("over the wrapper goes in a packet", async () => {
    const { clock, meter, heard } = await listen("wrapper");
    meter.push({ body: u32(1), client: 16, longInvokeId: 3 });
    await clock.advance(10);
    // version, source 1, destination 16, length; data-notification, long invoke-id 3, no date-time, value.
    expect(heard()).toEqual(Uint8Array.of(0, 1, 0, 1, 0, 16, 0, 11, 0x0f, 0, 0, 0, 3, 0, 6, 0, 0, 0, 1));
  });
  it("is ciphered on its own for a client with keys", async () => {
    const { clock, meter, heard } = await listen("wrapper");
    meter.push({ body: u32(1), client: 1 });
    await clock.advance(10);
    expect(heard()[8]).toBe(0xdb);
  });
  it("reaches nobody when nobody is associated", async () => {
    const { meter } = await listen("wrapper");
    expect(meter.push({ body: u32(1) })).toBe(0);
  });
});
