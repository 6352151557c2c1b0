import { describe, expect, it } from "vitest";
import { concatBytes, fromHex } from "../../../src/base/index.js";
import {
  array,
  ColumnDecoder,
  CosemDateTime,
  cellAt,
  cellState,
  type Data,
  decodeColumns,
  encodeData,
  nullData,
  octets,
  structure,
  toRows,
  u8,
  u32,
  u64,
} from "../../../src/data/index.js";

const start = Date.UTC(2024, 0, 1);
const clock = (i: number) => octets(CosemDateTime.fromDate(start + i * 900_000).octets);
const decode = (...rows: Data[]) => decodeColumns(encodeData(array(...rows)), { clockStepMs: 900_000 });

describe("profile columns", () => {
  it("keep their place where a cell is null, also in the first row", () => {
    const { columns } = decode(
      structure(clock(0), nullData, u32(7), u32(1)),
      structure(nullData, u8(5), nullData, u32(2)),
      structure(nullData, nullData, u32(9), u32(3)),
    );
    expect(columns.map((column) => [0, 1, 2].map((row) => cellAt(column, row)))).toEqual([
      [start, start + 900_000, start + 1_800_000],
      [undefined, 5, 5],
      [7, 7, 9],
      [1, 2, 3],
    ]);
    expect(columns.map((column) => column.kind !== "missing" && [...column.state])).toEqual([
      [cellState.given, cellState.repeated, cellState.repeated],
      [cellState.missing, cellState.given, cellState.repeated],
      [cellState.given, cellState.repeated, cellState.given],
      [cellState.given, cellState.given, cellState.given],
    ]);
  });

  it("leave a clock missing where nobody told what null means", () => {
    const { columns } = decodeColumns(encodeData(array(structure(clock(0)), structure(nullData), structure(clock(2)))));
    expect([0, 1, 2].map((row) => cellAt(columns[0]!, row))).toEqual([start, undefined, start + 1_800_000]);
  });

  it("keep octets, deviation and status of each clock", () => {
    const odd = fromHex("07E8FFFFFF173B00FF8000FF");
    const { columns } = decode(structure(clock(1)), structure(octets(odd)));
    const [column] = columns;
    if (column?.kind !== "clock") throw new Error("no clock");
    expect([...column.deviation]).toEqual([0, -0x8000]);
    expect([...column.status]).toEqual([0, 255]);
    expect(column.epochMs[1]).toBeNaN();
    expect(column.raw.slice(12)).toEqual(odd);
  });

  it("tell octet strings of twelve from clocks, or are told", () => {
    const id = octets("4B464D313230303031323334");
    expect(decode(structure(id)).columns[0]?.kind).toBe("data");
    const bytes = encodeData(array(structure(clock(0), clock(1))));
    expect(decodeColumns(bytes, { clocks: [1] }).columns.map(({ kind }) => kind)).toEqual(["data", "clock"]);
  });

  it("never lose a digit of 64 bits, whatever else stands in the column", () => {
    const big = 2n ** 64n - 1n;
    expect([
      ...(decode(structure(u64(big)), structure(nullData)).columns[0] as { values: BigUint64Array }).values,
    ]).toEqual([big, big]);
    const mixed = decode(structure(u32(1)), structure(u64(big)), structure(nullData)).columns[0]!;
    expect([0, 1, 2].map((row) => cellAt(mixed, row))).toEqual([u32(1), u64(big), u64(big)]);
  });

  it("keep the octets of a clock column that turns out to be none, across batches too", () => {
    const rows = [structure(clock(0)), structure(nullData), structure(nullData), structure(octets("010203"))];
    const bytes = encodeData(array(...rows));
    const whole = decodeColumns(bytes, { clockStepMs: 900_000 }).columns[0]!;
    expect([0, 1, 2, 3].map((row) => cellAt(whole, row))).toEqual([clock(0), clock(0), clock(0), octets("010203")]);
    const decoder = new ColumnDecoder({ clockStepMs: 900_000 });
    decoder.push(bytes.subarray(0, -7));
    expect(cellAt(decoder.take().columns[0]!, 1)).toBe(start + 900_000);
    decoder.push(bytes.subarray(-7));
    decoder.finish();
    const rest = decoder.take();
    expect(
      [0, 1]
        .slice(0, rest.rows)
        .map((row) => cellAt(rest.columns[0]!, row))
        .at(-1),
    ).toEqual(octets("010203"));
  });

  it("make row objects", () => {
    const batch = decode(structure(clock(0), u32(1)), structure(nullData, u32(2)));
    expect(toRows(batch, ["time", "energy"])).toEqual([
      { time: start, energy: 1 },
      { time: start + 900_000, energy: 2 },
    ]);
  });

  it("read 35,040 rows in one piece and in blocks", () => {
    const rows = Array.from({ length: 35_040 }, (_, i) =>
      structure(i % 96 ? nullData : clock(i), u8(i & 7), u32(i * 3)),
    );
    const bytes = encodeData(array(...rows));
    const whole = decodeColumns(bytes, { clockStepMs: 900_000 });
    const decoder = new ColumnDecoder({ clockStepMs: 900_000 });
    let seen = 0;
    for (let at = 0; at < bytes.length; at += 1000) {
      decoder.push(bytes.subarray(at, at + 1000));
      const { rows: count, columns } = decoder.take();
      for (let i = 0; i < count; i += 97) {
        expect(cellAt(columns[0]!, i)).toBe(start + (seen + i) * 900_000);
        expect(cellAt(columns[2]!, i)).toBe((seen + i) * 3);
      }
      seen += count;
    }
    decoder.finish();
    expect(seen).toBe(35_040);
    expect(cellAt(whole.columns[0]!, 35_039)).toBe(start + 35_039 * 900_000);
  });
});

describe("hostile buffers", () => {
  it.each([
    ["no array", "0900", "malformed"],
    ["rows of different width", "010202011101020211011102", "malformed"],
    ["an unknown tag in a row", "0101020107", "malformed"],
    ["a compact array in a row", "01010201131100", "malformed"],
    ["octets after the end", "010102011101FF", "trailing-bytes"],
    ["a delta on text", "0102020109014102011C01", "malformed"],
    ["a sum out of range", "010202011101 02011CFE", "malformed"],
    ["more columns than there can be", "010102828000", "limit-exceeded"],
    ["contents of nothing", "130201000101", "malformed"],
    ["a compact array that ends inside a row", "1312030102" + "03", "truncated"],
    ["a length without end", "0101020109841000000000", "limit-exceeded"],
    ["an indefinite length", "0101020109800000", "malformed"],
  ])("%s", (_, hex, code) => {
    expect(() => decodeColumns(fromHex(hex))).toThrow(expect.objectContaining({ code }));
  });

  it("a row count of four thousand million takes no memory", () => {
    const decoder = new ColumnDecoder();
    decoder.push(fromHex("0184FFFFFFFF"));
    for (let i = 0; i < 10; i++) decoder.push(fromHex("02011105"));
    expect(decoder.expectedRows).toBe(0xffffffff);
    expect(decoder.take().rows).toBe(10);
    expect(() => decoder.finish()).toThrow(expect.objectContaining({ code: "truncated" }));
  });

  it("a fault keeps the rows before it, and stays", () => {
    const decoder = new ColumnDecoder();
    const good = encodeData(array(structure(u8(1)), structure(u8(2)), structure(u8(3))));
    decoder.push(good.subarray(0, 6));
    expect(() => decoder.push(fromHex("FF FF FF"))).toThrow(expect.objectContaining({ code: "malformed" }));
    expect(() => decoder.push(good)).toThrow(expect.objectContaining({ code: "malformed" }));
    expect(decoder.take().rows).toBe(1);
  });

  it("a row that never ends is given up at the limit, in time that does not explode", () => {
    const decoder = new ColumnDecoder();
    decoder.push(fromHex("01010282FFFF".replace("82FFFF", "820FFF")));
    const one = fromHex("0900");
    expect(() => {
      for (let i = 0; i < 200_000; i++) decoder.push(one.subarray(i & 1, (i & 1) + 1));
    }).toThrow(expect.objectContaining({ code: expect.stringMatching(/trailing-bytes|limit-exceeded/) }));
  });

  it("columns of nulls cost nothing until a value comes", () => {
    const row = concatBytes(fromHex("02820400"), new Uint8Array(1024));
    const bytes = concatBytes(fromHex("01820400"), ...Array.from({ length: 1024 }, () => row));
    const { columns, rows } = decodeColumns(bytes);
    expect(rows).toBe(1024);
    expect(new Set(columns.map(({ kind }) => kind))).toEqual(new Set(["missing"]));
  });
});
