import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Learning } from "../../src/client/dialects/index.js";
import { type ConnectOptions, type DialectSet, dialectFor, dialects, tolerances } from "../../src/client/index.js";
import { settingsOf } from "../../src/client/settings.js";
import { u8 } from "../../src/data/index.js";
import { defaultProvider } from "../../src/node/crypto.js";
import { clients } from "./mock.js";
import { noticesOf, pad, withMeter } from "./with-meter.js";

const settings = (options: ConnectOptions) => settingsOf(options, "hdlc", defaultProvider);
const root = join(import.meta.dirname, "..");
const tests = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts") && !file.includes("docs.test"))
  .map((file) => readFileSync(join(root, file), "utf8"));

describe("the table of tolerances", () => {
  it.each(Object.entries(tolerances))("%s is named, explained and tested", (_, row) => {
    expect(row.what.length).toBeGreaterThan(20);
    expect(row.clause.length).toBeGreaterThan(5);
    const name = "option" in row ? row.option.split(".").at(-1) : row.notice;
    expect(tests.some((text) => text.includes(name ?? ""))).toBe(true);
    if ("notice" in row) expect(tests.some((text) => text.includes(row.notice))).toBe(true);
  });

  it("has each tolerance of an association on or off as the association has it", () => {
    const strict = Object.keys(dialects.strict.set.tolerances);
    const switched = Object.values(tolerances).flatMap((row) =>
      "option" in row && row.option.startsWith("tolerances.") ? [row.option.slice("tolerances.".length)] : [],
    );
    expect(switched.sort()).toEqual(strict.sort());
  });
});

describe("a dialect", () => {
  it("by name sets what the options leave out, and no more", () => {
    const { hdlc, tolerances: taken } = settings({ dialect: "hexing-hxe130", hdlc: { disconnectFirst: false } });
    expect(hdlc).toEqual({ ignoreSendSequence: true, disconnectFirst: false });
    expect(taken).toEqual({});
    expect(settings({ dialect: "kaifa-ma309" }).dialect.profile).toEqual({ invertDeviation: true });
  });

  it("of one's own does the same, and survives being saved as JSON", () => {
    const own: DialectSet = { release: "silent", retries: 7, hdlc: { responseTimeoutMs: 9000 }, invokeIds: "constant" };
    const saved = JSON.parse(JSON.stringify(own)) as DialectSet;
    const taken = settings({ dialect: saved, retries: 2 });
    expect(taken).toMatchObject({
      release: "silent",
      retries: 2,
      hdlc: { responseTimeoutMs: 9000 },
      invokeIds: "constant",
    });
  });

  it("that there is not is refused, and the others are named", () => {
    for (const dialect of ["acme", "toString", "__proto__"])
      expect(() => settings({ dialect: dialect as never })).toThrow(
        expect.objectContaining({ code: "invalid-argument", advice: expect.stringContaining("hexing-hxe130") }),
      );
  });

  it("is found by what a meter tells of itself, and not where none is known to be needed", () => {
    expect(dialectFor({ logicalDeviceName: "KFM0000000000001", identification: "KFM MA309M" })).toBe("kaifa-ma309");
    expect(dialectFor({ identification: "/KFM5MA309MH4LAT1" })).toBe("kaifa-ma309");
    expect(dialectFor({ identification: "KFM MA304" })).toBeUndefined();
    expect(dialectFor({ logicalDeviceName: "XYZ MA309" })).toBeUndefined();
    expect(dialectFor({})).toBeUndefined();
  });

  it.each(Object.entries(dialects))("%s says for whom it is, and is told in quirks.md", (name, { meters, seen }) => {
    expect(meters.length).toBeGreaterThan(5);
    expect(seen.length).toBeGreaterThan(5);
    expect(readFileSync(join(root, "..", "docs", "quirks.md"), "utf8")).toContain(`\`${name}\``);
  });

  it(
    "strict refuses what is tolerated otherwise",
    withMeter(
      async ({ meter, trace }) => {
        expect(await meter.data(pad).value.get()).toEqual(u8(0));
        expect(noticesOf(trace)).toEqual([]);
        expect(meter.dialect).toEqual(dialects.strict.set);
      },
      { link: "hdlc" },
      { ...clients.reader, dialect: "strict" },
    ),
  );

  it(
    "is learnt from what happened, on top of the one given",
    withMeter(
      async ({ meter, lines }) => {
        expect(meter.notices).toEqual([]);
        expect(meter.dialect).toEqual({ retries: 2 });
        lines.at(-1)?.cut();
        await meter.reconnect();
        expect(meter.dialect).toEqual({ retries: 2 });
      },
      { link: "hdlc" },
      { ...clients.reader, dialect: { retries: 2 } },
    ),
  );

  it("learns what a failed attempt would cost the next time", () => {
    const learning = new Learning();
    const given = { retries: 1, hdlc: { ignoreSendSequence: true } };
    expect(learning.dialect(given)).toEqual(given);
    for (const name of ["no-answer", "link-set-up-refused", "release-unanswered"]) learning.notice(name);
    expect(learning.notices).toEqual(["link-set-up-refused", "no-answer", "release-unanswered"]);
    const learnt = learning.dialect(given);
    expect(learnt).toEqual({
      retries: 1,
      hdlc: { ignoreSendSequence: true, disconnectFirst: true },
      release: "silent",
    });
    expect(settings({ dialect: learnt }).hdlc.disconnectFirst).toBe(true);
    expect(given).toEqual({ retries: 1, hdlc: { ignoreSendSequence: true } });
  });

  it(
    "inverts the deviation of profile rows where it says so",
    withMeter(
      async ({ meter }) => {
        const rows = [];
        for await (const row of meter.profile("1-0:99.1.0").rows({ last: 2 })) rows.push(row);
        const [row] = rows;
        const plain = [];
        for await (const other of meter.profile("1-0:99.1.0", { invertDeviation: false }).rows({ last: 2 }))
          plain.push(other);
        expect(row?.time?.getTime()).not.toBe(plain[0]?.time?.getTime());
        expect(row?.timestamp?.octets).toEqual(plain[0]?.timestamp?.octets);
      },
      { link: "wrapper" },
      { ...clients.reader, dialect: "kaifa-ma309" },
    ),
  );
});
