import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { TraceEvent } from "../../src/client/index.js";
import { fileSink, pcapSink, ports } from "../../src/node/index.js";
import { describePort } from "../../src/node/ports.js";

const folder = mkdtempSync(join(tmpdir(), "dlms-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("fileSink", () => {
  it("writes lines in order, objects as JSON, for the owner alone", async () => {
    const path = join(folder, "session.ndjson");
    const sink = fileSink(path);
    const expected: string[] = [];
    for (let i = 0; i < 500; i++) {
      sink.write({ i, text: "µ" });
      expected.push(`{"i":${i},"text":"µ"}`);
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    sink.write("bare");
    await sink.close();
    sink.write("after the close");
    await sink.close();
    expect(readFileSync(path, "utf8").split("\n")).toEqual([...expected, "bare", ""]);
    if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("fails at once where there is no such folder, and at close where the disk is full", async () => {
    expect(() => fileSink(join(folder, "missing", "x"))).toThrow(expect.objectContaining({ code: "file-failed" }));
    if (process.platform !== "linux") return;
    const full = fileSink("/dev/full");
    full.write("x");
    await expect(full.close()).rejects.toMatchObject({ code: "file-failed" });
  });
});

describe("pcapSink", () => {
  it("writes a packet for each frame, whatever pieces the octets came in, and nothing of other events", async () => {
    const path = join(folder, "session.pcap");
    const sink = pcapSink(path, { dress: "user0" });
    const frame = [0x7e, 0xa0, 0x07, 0x03, 0x21, 0x93, 0x0f, 0x01, 0x7e];
    const moment = { session: 1, at: 0, wallTime: 2_000 };
    const event = (direction: "sent" | "received", bytes: number[]): TraceEvent => ({
      ...moment,
      type: "bytes",
      direction,
      bytes: Uint8Array.from(bytes),
    });
    sink(event("sent", frame));
    sink(event("received", frame.slice(0, 4)));
    sink({ ...moment, type: "state", state: "linking" });
    sink(event("received", [...frame.slice(4), 0x7e]));
    await sink.close();
    const written = readFileSync(path);
    const record = (length: number) => ["00000002", "00000000", length.toString(16).padStart(8, "0")].join("");
    const hex = Buffer.from(frame).toString("hex");
    const one = `${record(9)}00000009${hex}`;
    expect(written.subarray(24).toString("hex")).toBe(`${one}${one}${record(1)}000000017e`);
  });
});

describe("ports", () => {
  it("lists what the machine has, each with a path and words", async () => {
    for (const port of await ports()) {
      expect(port.path).not.toBe("");
      expect(port.description).not.toBe("");
    }
  });

  it("puts maker, bridge and serial number into words", () => {
    const probe = { path: "/dev/ttyUSB0", vendorId: "10C4", productId: "ea60", serialNumber: "0001" };
    expect(describePort(probe, "/dev/serial/by-id/usb-x")).toMatchObject({
      description: "Silicon Labs CP210x, serial 0001, USB 10C4:ea60",
      stablePath: "/dev/serial/by-id/usb-x",
    });
    expect(describePort({ path: "COM1", manufacturer: "(Standard ports)" }).description).toBe("(Standard ports)");
    expect(describePort({ path: "/dev/ttyS0" }).description).toBe("built-in port");
  });
});
