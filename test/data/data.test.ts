import { describe, expect, it } from "vitest";
import { ByteReader, fromHex, toHex } from "../../src/base/index.js";
import { type Data, decodeData, encodeData, skipData } from "../../src/data/index.js";

const octets = (hex: string) => fromHex(hex);

/** IEC 62056-6-2, common data types: each type once, with its encoding. */
const examples: readonly (readonly [string, Data])[] = [
  ["00", { type: "null-data" }],
  ["FF", { type: "dont-care" }],
  ["0100", { type: "array", value: [] }],
  [
    "010211051106",
    {
      type: "array",
      value: [
        { type: "unsigned", value: 5 },
        { type: "unsigned", value: 6 },
      ],
    },
  ],
  [
    "02020FFF161E",
    {
      type: "structure",
      value: [
        { type: "integer", value: -1 },
        { type: "enum", value: 30 },
      ],
    },
  ],
  ["0300", { type: "boolean", value: false }],
  ["0301", { type: "boolean", value: true }],
  ["03FF", { type: "boolean", value: true, octet: 255 }],
  ["040AAAC0", { type: "bit-string", value: { length: 10, bytes: octets("AAC0") } }],
  ["05FFFFFFFE", { type: "double-long", value: -2 }],
  ["06FFFFFFFE", { type: "double-long-unsigned", value: 0xfffffffe }],
  ["0903010203", { type: "octet-string", value: octets("010203") }],
  ["0A03414243", { type: "visible-string", value: "ABC" }],
  ["0A01B5", { type: "visible-string", value: "\u00b5", bytes: octets("B5") }],
  ["0C02C2B5", { type: "utf8-string", value: "\u00b5" }],
  ["0C01B5", { type: "utf8-string", value: "\u00b5", bytes: octets("B5") }],
  ["0D99", { type: "bcd", value: -103 }],
  ["108000", { type: "long", value: -32768 }],
  ["12FFFF", { type: "long-unsigned", value: 65535 }],
  ["148000000000000000", { type: "long64", value: -(2n ** 63n) }],
  ["15FFFFFFFFFFFFFFFF", { type: "long64-unsigned", value: 2n ** 64n - 1n }],
  ["1742280000", { type: "float32", value: 42 }],
  ["177FC00001", { type: "float32", value: Number.NaN, bytes: octets("7FC00001") }],
  ["18C028000000000000", { type: "float64", value: -12 }],
  ["1907E00C1F0617000000FFC400", { type: "date-time", value: octets("07E00C1F0617000000FFC400") }],
  ["1A07E00C1F06", { type: "date", value: octets("07E00C1F06") }],
  ["1B17000000", { type: "time", value: octets("17000000") }],
  ["1CFF", { type: "delta-integer", value: -1 }],
  ["1DFFFE", { type: "delta-long", value: -2 }],
  ["1EFFFFFFFD", { type: "delta-double-long", value: -3 }],
  ["1FFF", { type: "delta-unsigned", value: 255 }],
  ["20FFFE", { type: "delta-long-unsigned", value: 65534 }],
  ["21FFFFFFFD", { type: "delta-double-long-unsigned", value: 0xfffffffd }],
  ["13110401020304", { type: "compact-array", description: { type: "unsigned" }, contents: octets("01020304") }],
  [
    "13020201000209120400010203",
    {
      type: "compact-array",
      description: {
        type: "structure",
        elements: [{ type: "array", count: 2, element: { type: "octet-string" } }, { type: "long-unsigned" }],
      },
      contents: octets("00010203"),
    },
  ],
];

describe("COSEM Data", () => {
  it.each(examples)("%s both ways", (hex, data) => {
    expect(decodeData(octets(hex))).toEqual(data);
    expect(toHex(encodeData(data))).toBe(hex);
    const reader = new ByteReader(octets(`${hex}AA`));
    skipData(reader);
    expect(reader.remaining).toBe(1);
  });
});
