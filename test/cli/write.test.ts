import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { fromHex } from "../../src/base/index.js";
import { errorText, exitCodeOf } from "../../src/cli/exit-codes.js";
import { explicitData, givenData } from "../../src/cli/given-value.js";
import { runInvoke } from "../../src/cli/invoke.js";
import { runRelay } from "../../src/cli/relay.js";
import { runSet } from "../../src/cli/set.js";
import { ActivityCalendar, Clock, DataClass, ProfileGeneric, typeText } from "../../src/cosem/index.js";
import { encodeData, u8, u16, u64 } from "../../src/data/index.js";
import { MockMeter, object } from "../../src/mock/index.js";
import { tcpListener } from "../../src/node/index.js";

const place = "0-0:96.99.1";
const stored = object(DataClass, place, { value: u16(1) }, { set: { value: true } });
const secret = object(DataClass, "0-0:96.99.2", { value: u8(1) }, { set: { value: true }, hidden: ["value"] });
/** Takes what it is told, and keeps something else. */
const stubborn = object(
  ProfileGeneric,
  "0-0:96.99.4",
  { capturePeriod: 900 },
  { set: { capturePeriod: () => undefined } },
);
/** Loses the line while it is written to. */
const fragile = object(DataClass, "0-0:96.99.3", { value: u8(1) }, { set: { value: () => void meter.close() } });
let meter: MockMeter;
let flags: { tcp: string; client: string; auth: string; keys: string };

beforeEach(async () => {
  meter = new MockMeter({ household: { days: 1 }, objects: [stored, secret, fragile, stubborn] });
  stored.put("value", u16(1));
  const listener = tcpListener({ port: 0 });
  await meter.listen(listener, { link: "wrapper" });
  flags = { tcp: `127.0.0.1:${listener.port}`, client: "2", auth: "low", keys };
  return () => meter.close();
});

let keys = "";
beforeAll(() => {
  keys = join(mkdtempSync(join(tmpdir(), "dlms-cli-")), "keys.json");
  writeFileSync(keys, JSON.stringify({ password: "12345678" }), { mode: 0o600 });
});
afterAll(() => vi.restoreAllMocks());

/** What a command prints on standard output, and its exit code. */
async function printed(run: () => Promise<void>): Promise<{ out: string; code: number }> {
  let out = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    out += String(chunk);
    return true;
  });
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await run();
    return { out, code: Number(process.exitCode) };
  } finally {
    spy.mockRestore();
    process.exitCode = before;
  }
}

const fault = (run: Promise<unknown>) =>
  run.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("set", () => {
  it("takes the type that is there where the class leaves it open, and reads back", async () => {
    const { out, code } = await printed(() => runSet(`1/${place}/value`, "7", flags));
    expect([out, code]).toEqual([`1/${place}/value: wrote 7, reads back 7\n`, 0]);
  });
  it("writes Data of an explicit type", async () => {
    const given = '{"type":"long-unsigned","value":5}';
    const { out } = await printed(() => runSet(place, given, { ...flags, json: true }));
    const five = { type: "long-unsigned", value: 5 };
    expect(JSON.parse(out)).toEqual({ target: place, written: five, readBack: five, differs: false });
  });
  it("writes what cannot be read, and does not read with --no-verify", async () => {
    const hidden = await printed(() => runSet("1/0-0:96.99.2/2", '{"type":"unsigned","value":9}', flags));
    expect(hidden.out).toBe("1/0-0:96.99.2/2: wrote 9\n");
    const unread = await printed(() => runSet(`1/${place}/2`, "8", { ...flags, verify: false }));
    expect(unread.out).toBe(`1/${place}/2: wrote 8\n`);
  });
  it("says by its exit code that the meter keeps something else", async () => {
    const spy = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const { out, code } = await printed(() => runSet("7/0-0:96.99.4/capturePeriod", "60", flags));
    expect([out, code]).toEqual(["7/0-0:96.99.4/capturePeriod: wrote 60, reads back 900\n", 5]);
    expect(spy.mock.calls.join("")).toContain("does not hold what was written");
    spy.mockRestore();
  });
  it("a refusal is exit code 1", async () => {
    const error = await fault(runSet("3/1-0:1.8.0/2", '{"type":"unsigned","value":5}', flags));
    expect(error).toMatchObject({ code: "access-refused" });
    expect(exitCodeOf(error)).toBe(1);
  });
  it("an unknown outcome is exit code 3, and says so", async () => {
    const error = await fault(runSet("1/0-0:96.99.3/2", "5", flags));
    expect(error).toMatchObject({ outcomeUnknown: true });
    expect(exitCodeOf(error)).toBe(3);
    expect(errorText(error)).toContain("Outcome unknown: the meter may have carried it out.");
  });
  it("a value that does not fit is bad usage, and nothing is written", async () => {
    const error = await fault(runSet(`1/${place}/2`, "70000", flags));
    expect(exitCodeOf(error)).toBe(2);
    const { out } = await printed(() => runSet(`1/${place}/2`, "2", { ...flags, verify: false }));
    expect(out).toContain("wrote 2");
  });
});

describe("invoke", () => {
  it("carries out a method without a parameter", async () => {
    const { out } = await printed(() => runInvoke("70/0-0:96.3.10/remoteDisconnect", undefined, flags));
    expect(out).toBe("70/0-0:96.3.10/remoteDisconnect: done\n");
    expect((await printed(() => runRelay("status", relay()))).out).toMatch(/^supply off, disconnected/);
  });
  it("names the methods there are", async () => {
    const error = await fault(runInvoke("70/0-0:96.3.10/reconnect", undefined, flags));
    expect(error).toMatchObject({ advice: "It has: remoteDisconnect, remoteReconnect." });
  });
  it("does not guess a parameter that is wanted", async () => {
    const error = await fault(runInvoke("8/0-0:1.0.0/shiftTime", undefined, flags));
    expect(error).toMatchObject({ message: expect.stringContaining("takes a parameter") });
  });
});

const relay = () => ({ ...flags, obis: "0-0:96.3.10*255", json: false });

it("relay switches and tells how it stands", async () => {
  expect((await printed(() => runRelay("off", relay()))).out).toBe("supply off, disconnected, control mode 4\n");
  expect((await printed(() => runRelay("on", relay()))).out).toBe("supply on, connected, control mode 4\n");
  expect(exitCodeOf(await fault(runRelay("maybe", relay())))).toBe(2);
});

describe("values", () => {
  const { attributes } = ProfileGeneric;
  it("reads a time as people write it, with its deviation", () => {
    const data = givenData("2026-11-21T10:15:00+01:00", Clock.attributes.time.type);
    expect(encodeData(data)).toEqual(fromHex("090C07EA0B15060A0F0000FFC400"));
  });
  it("reads a structure by field names or in order, and names of enumerations", () => {
    const byName = { classId: 3, logicalName: "1-0:1.8.0*255", attributeIndex: 2, dataIndex: 0 };
    const inOrder = [3, "1-0:1.8.0*255", 2, 0];
    const type = attributes.captureObjects.type;
    expect(typeText(type)).toContain("classId");
    expect(givenData(JSON.stringify([byName]), type)).toEqual(givenData(JSON.stringify([inOrder]), type));
    expect(givenData("fifo", attributes.sortMethod.type)).toMatchObject({ type: "enum", value: 1 });
  });
  it("keeps 64-bit numbers whole", () => {
    expect(givenData("18446744073709551615", DataClass.attributes.value.type, u64(0))).toEqual(
      u64(18446744073709551615n),
    );
  });
  it("reads octets in hexadecimal and text where it is marked", () => {
    const { type } = ActivityCalendar.attributes.calendarNameActive;
    expect(givenData("414243", type)).toEqual(givenData("text:ABC", type));
  });
  it.each(["900.5", "-1", "true", '"x"', "[]", "{}"])("refuses %s for a period", (text) => {
    expect(() => givenData(text, attributes.capturePeriod.type)).toThrow(/not a value of this type/);
  });
  it("takes no value without a type where no table tells it", () => {
    expect(() => explicitData("5")).toThrow(/no type/);
    expect(() => explicitData('{"type":"array","value":[1]}')).toThrow(/written as Data/);
    expect(explicitData('{"type":"long-unsigned","value":5}')).toEqual(u16(5));
  });
});
