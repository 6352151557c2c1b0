import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteReader, ByteWriter, DlmsError, fromHex } from "../../src/base/index.js";
import { decodeData, encodeData, expandCompactArray, skipData, writeData } from "../../src/data/index.js";
import { anyData, compactExample } from "./arbitraries.js";

const fails = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (DlmsError.is(error)) return true;
    throw error;
  }
  return false;
};

describe("COSEM Data, any value", () => {
  it("decodes to what was encoded, and encodes to the same octets", () => {
    fc.assert(
      fc.property(anyData, (data) => {
        const bytes = encodeData(data);
        const again = decodeData(bytes);
        expect(again).toEqual(data);
        expect(encodeData(again)).toEqual(bytes);
      }),
    );
  });

  it("is skipped exactly", () => {
    fc.assert(
      fc.property(anyData, anyData, (first, second) => {
        const writer = new ByteWriter();
        writeData(writer, first);
        const { length } = writer;
        writeData(writer, second);
        const reader = new ByteReader(writer.finish());
        skipData(reader);
        expect(reader.offset).toBe(length);
        expect(decodeData(reader)).toEqual(second);
        expect(reader.remaining).toBe(0);
      }),
    );
  });

  it("fails when cut anywhere, decoding and skipping alike", () => {
    fc.assert(
      fc.property(anyData, (data) => {
        const bytes = encodeData(data);
        for (let length = 0; length < bytes.length; length++) {
          expect(fails(() => decodeData(bytes.subarray(0, length)))).toBe(true);
          expect(fails(() => skipData(new ByteReader(bytes, 0, length)))).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("is a value or an error of the family when octets are changed; skipping agrees on where it ends", () => {
    fc.assert(
      fc.property(anyData, fc.nat(), fc.nat(255), (data, at, octet) => {
        const bytes = encodeData(data);
        bytes[at % bytes.length] = octet;
        const reader = new ByteReader(bytes);
        if (fails(() => decodeData(reader))) return;
        const skipped = new ByteReader(bytes);
        skipData(skipped);
        expect(skipped.offset).toBe(reader.offset);
      }),
      { numRuns: 500 },
    );
  });

  it("expands compact arrays to the elements they were made of", () => {
    fc.assert(
      fc.property(compactExample, ({ data, elements }) => {
        expect(expandCompactArray(data)).toEqual(elements);
      }),
    );
  });
});

describe("hostile data ends soon", () => {
  const nested = (levels: number) =>
    new Uint8Array(2 * levels + 1).map((_, i) => (i === 2 * levels ? 0 : i % 2 ? 1 : 2));
  it.each([
    ["a count of four thousand million", "0184FFFFFFFF00", "truncated"],
    ["nested counts that multiply", "01050105010501050105", "truncated"],
    ["a length beyond the end", "0984FFFFFFFF00", "truncated"],
    ["an indefinite length", "098000", "malformed"],
    ["a tag of no type", "07", "malformed"],
    ["the same inside", "02020714", "malformed"],
    ["an octet too many", "0000", "trailing-bytes"],
    ["a compact array inside a description", "131300", "malformed"],
    ["nothing at all", "", "truncated"],
  ])("%s", (_, hex, code) => {
    expect(() => decodeData(fromHex(hex))).toThrow(expect.objectContaining({ code }));
  });

  it("nesting beyond the limit, however deep", () => {
    expect(decodeData(nested(64))).toMatchObject({ type: "structure" });
    for (const levels of [65, 100_000])
      expect(() => decodeData(nested(levels))).toThrow(expect.objectContaining({ code: "limit-exceeded" }));
    const reader = new ByteReader(nested(100_000));
    skipData(reader);
    expect(reader.remaining).toBe(0);
  });

  it.each([
    ["contents of nothing", "13000101", "malformed"],
    ["an array of nothing", "1301FFFF000101", "malformed"],
    ["half an element", "1312030102" + "03", "truncated"],
  ])("a compact array with %s", (_, hex, code) => {
    const data = decodeData(fromHex(hex));
    if (data.type !== "compact-array") throw new Error("no compact array");
    expect(() => expandCompactArray(data)).toThrow(expect.objectContaining({ code }));
  });

  it("a compact array that describes far more nulls than it has octets", () => {
    const hex = `130282FFFF${"00".repeat(65534)}11820400${"01".repeat(1024)}`;
    const data = decodeData(fromHex(hex));
    if (data.type !== "compact-array") throw new Error("no compact array");
    expect(() => expandCompactArray(data)).toThrow(expect.objectContaining({ code: "limit-exceeded" }));
  });
});

describe("values that do not fit", () => {
  it.each([
    { type: "unsigned", value: 256 },
    { type: "integer", value: -129 },
    { type: "long", value: 1.5 },
    { type: "double-long", value: Number.NaN },
    { type: "long64", value: 2n ** 63n },
    { type: "long64-unsigned", value: -1n },
    { type: "date-time", value: new Uint8Array(11) },
    { type: "visible-string", value: "\u00b5" },
    { type: "utf8-string", value: "\ud800" },
    { type: "bit-string", value: { length: 9, bytes: new Uint8Array(1) } },
  ] as const)("%o", (data) => {
    expect(() => encodeData(data)).toThrow(expect.objectContaining({ code: "value-does-not-fit" }));
  });
});
