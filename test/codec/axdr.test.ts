import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { ByteReader, ByteWriter, DlmsError, fromHex, toHex, UsageError } from "../../src/base/index.js";
import {
  alternative,
  boolean,
  type Codec,
  choice,
  type DecodedField,
  fixedOctets,
  type Infer,
  integer8,
  listOf,
  octetString,
  optional,
  partialOf,
  remainder,
  struct,
  trailing,
  unsigned8,
  unsigned16,
  unsigned32,
  withPath,
} from "../../src/codec/index.js";

const context = { path: [] };

function decode<T>(codec: Codec<T>, hex: string): T {
  const reader = new ByteReader(fromHex(hex));
  const value = codec.decode(reader, context);
  reader.expectEnd();
  return value;
}

function encode<T>(codec: Codec<T>, value: T): string {
  const writer = new ByteWriter();
  codec.encode(writer, value);
  return toHex(writer.finish());
}

function thrown(run: () => unknown): DlmsError {
  try {
    run();
  } catch (error) {
    if (error instanceof DlmsError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const shape = choice(
  { type: "shape" },
  {
    circle: alternative(1, { radius: unsigned16 }),
    polygon: alternative(7, { name: optional(octetString), corners: listOf(struct({}, { x: integer8, y: integer8 })) }),
  },
);
type Figure = Infer<typeof shape>;

describe("structures, choices and lists", () => {
  it("read and write their fields in the order of the shape", () => {
    const polygon: Figure = { type: "shape", choice: "polygon", name: fromHex("AB"), corners: [{ x: 1, y: -1 }] };
    expect(encode(shape, polygon)).toBe("070101AB0101FF");
    expect(decode(shape, "070101AB0101FF")).toEqual(polygon);
    expect(decode(shape, "01FFFF")).toEqual({ type: "shape", choice: "circle", radius: 65535 });
  });

  it("leave an absent field out", () => {
    expect(decode(shape, "070000")).toStrictEqual({ type: "shape", choice: "polygon", corners: [] });
    expect(decode(struct({}, { end: trailing(unsigned8) }), "")).toStrictEqual({});
    expect(decode(struct({}, { end: trailing(unsigned8) }), "05")).toStrictEqual({ end: 5 });
  });

  it("have the types that the shape gives", () => {
    expectTypeOf<Extract<Figure, { choice: "circle" }>>().toEqualTypeOf<{
      readonly type: "shape";
      readonly choice: "circle";
      readonly radius: number;
    }>();
    expectTypeOf<Extract<Figure, { choice: "polygon" }>["name"]>().toEqualTypeOf<Uint8Array | undefined>();
  });

  it("refuse an unknown choice and a bad usage flag", () => {
    expect(thrown(() => decode(shape, "02"))).toMatchObject({ code: "malformed", details: { offset: 0 } });
    expect(thrown(() => decode(shape, "0702"))).toMatchObject({ code: "malformed", details: { offset: 1 } });
  });

  it("refuse a count that no input could hold", () => {
    expect(thrown(() => decode(listOf(unsigned8), "84FFFFFFFF0000"))).toMatchObject({ code: "truncated" });
  });
});

describe("a failure", () => {
  const nested = struct({}, { outer: struct({}, { a: unsigned8, list: listOf(shape) }) });
  const error = thrown(() => decode(nested, "05 02 010001 07 00 02 0102 03"));

  it("gains the path of its field on the way up", () => {
    const outer = withPath(error, "apdu", "root") as DlmsError;
    expect(outer.details).toMatchObject({ layer: "apdu", path: "root.outer.list[1].corners[1].y", offset: 11 });
    expect(outer.code).toBe("truncated");
    expect(outer.message).toContain("root.outer.list[1].corners[1].y");
  });

  it("leaves behind what was read", () => {
    expect(partialOf(error)).toEqual({
      outer: {
        a: 5,
        list: [
          { type: "shape", choice: "circle", radius: 1 },
          { type: "shape", choice: "polygon", corners: [{ x: 1, y: 2 }, { x: 3 }] },
        ],
      },
    });
    expect(partialOf(withPath(error, "apdu", "root"))).toBe(partialOf(error));
    expect(partialOf(new Error("other"))).toBeUndefined();
  });

  it("of another kind passes as it is", () => {
    const other = new TypeError("a defect");
    const broken: Codec<number> = {
      encode: () => {},
      decode: () => {
        throw other;
      },
    };
    expect(() => decode(struct({}, { broken }), "00")).toThrow(other);
    expect(withPath(other, "apdu", "root")).toBe(other);
  });
});

it("a listener hears of each field, inner ones first", () => {
  const fields: DecodedField[] = [];
  const codec = struct({}, { first: unsigned8, list: listOf(unsigned16) });
  codec.decode(new ByteReader(fromHex("01 02 0003 0004")), { path: ["top"], onField: (field) => fields.push(field) });
  expect(fields).toEqual([
    { path: "top.first", offset: 0, length: 1, value: 1 },
    { path: "top.list[0]", offset: 2, length: 2, value: 3 },
    { path: "top.list[1]", offset: 4, length: 2, value: 4 },
    { path: "top.list", offset: 1, length: 5, value: [3, 4] },
  ]);
});

describe("primitives", () => {
  const ranges: readonly [string, Codec<number>, number, number][] = [
    ["unsigned8", unsigned8, 0, 0xff],
    ["integer8", integer8, -128, 127],
    ["unsigned16", unsigned16, 0, 0xffff],
    ["unsigned32", unsigned32, 0, 0xffffffff],
  ];
  it.each(ranges)("%s holds its range and nothing else", (_, codec, min, max) => {
    fc.assert(fc.property(fc.integer({ min, max }), (value) => decode(codec, encode(codec, value)) === value));
    for (const value of [min - 1, max + 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(thrown(() => encode(codec, value))).toBeInstanceOf(UsageError);
  });

  it("boolean: every octet but zero is true", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 255 }), (octet) => decode(boolean, toHex(Uint8Array.of(octet)))));
    expect(decode(boolean, "00")).toBe(false);
    expect([encode(boolean, true), encode(boolean, false)]).toEqual(["01", "00"]);
  });

  it("octet strings of any length", () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65535, 65536]) {
      const value = new Uint8Array(length).fill(7);
      expect(decode(octetString, encode(octetString, value))).toEqual(value);
    }
    expect(thrown(() => decode(octetString, "0301"))).toMatchObject({ code: "truncated" });
  });

  it("fixed octets and the remainder", () => {
    expect(decode(fixedOctets(2), "0102")).toEqual(fromHex("0102"));
    expect(thrown(() => encode(fixedOctets(2), fromHex("01")))).toMatchObject({ code: "value-does-not-fit" });
    expect(decode(remainder, "010203")).toEqual(fromHex("010203"));
  });
});
