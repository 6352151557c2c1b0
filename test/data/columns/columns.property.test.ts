import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DlmsError } from "../../../src/base/index.js";
import {
  type Column,
  ColumnDecoder,
  CosemDateTime,
  compactArray,
  type Data,
  decodeColumns,
  encodeData,
  type TypeDescription,
} from "../../../src/data/index.js";
import { simpleData } from "../arbitraries.js";
import { columnCells, referenceCells } from "./reference.js";

const nothing: Data = { type: "null-data" };
const delta = fc.integer({ min: -100, max: 100 }).map((value): Data => ({ type: "delta-integer", value }));
const time = fc
  .integer({ min: 1_500_000_000, max: 1_800_000_000 })
  .map(
    (s): Data => ({ type: "octet-string", value: CosemDateTime.fromDate(s * 1000, { utcOffsetMinutes: 60 }).octets }),
  );
const middle = (type: "double-long" | "long") =>
  fc.integer({ min: -20_000, max: 20_000 }).map((value): Data => ({ type, value }));
const wide = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }).map((value): Data => ({ type: "long64", value }));

const cellOf = fc.constantFrom(
  fc.oneof({ weight: 3, arbitrary: time }, fc.constant(nothing)),
  fc.oneof(middle("double-long"), fc.constant(nothing), delta),
  fc.oneof({ weight: 9, arbitrary: middle("long") }, fc.constant(nothing)),
  fc.oneof(
    middle("long"),
    middle("double-long"),
    fc.float({ noNaN: true }).map((value): Data => ({ type: "float32", value })),
  ),
  fc.oneof(wide, fc.constant(nothing), delta),
  fc.oneof(middle("double-long"), wide, fc.constant(nothing)),
  fc.oneof(
    simpleData.filter((data) => !data.type.startsWith("delta") && !looksLikeTime(data)),
    fc.constant(nothing),
  ),
  fc.constant(nothing),
);
/** Kept out of the mixed columns, where a clock is recognised by its first value alone. */
function looksLikeTime(data: Data): boolean {
  return data.type === "date-time" || (data.type === "octet-string" && data.value.length === 12);
}
const buffer = fc
  .array(cellOf, { minLength: 1, maxLength: 5 })
  .chain((cells) => fc.array(fc.tuple(...cells), { maxLength: 40 }))
  .map((rows): Data => ({ type: "array", value: rows.map((value): Data => ({ type: "structure", value })) }));

const cellsOf = (columns: readonly Column[], rows: number) => {
  const all = columns.map((column) => columnCells(column, rows));
  return Array.from({ length: rows }, (_, i) => all.map((cells) => cells[i]));
};
/** Splits `bytes` into pieces of the given sizes, over and over. */
function* pieces(bytes: Uint8Array, sizes: readonly number[]) {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe("columns", () => {
  for (const step of [undefined, 900_000])
    it(`are what the rows say cell by cell, clock step ${step}`, () => {
      fc.assert(
        fc.property(buffer, (data) => {
          const { columns, rows } = decodeColumns(encodeData(data), step === undefined ? {} : { clockStepMs: step });
          expect(cellsOf(columns, rows)).toEqual(referenceCells(data, step));
        }),
        { numRuns: 300 },
      );
    });

  it("come out the same however the octets are split and the rows are taken", () => {
    fc.assert(
      fc.property(
        buffer,
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
        fc.nat(3),
        (data, sizes, every) => {
          const decoder = new ColumnDecoder({ clockStepMs: 60_000 });
          const cells: unknown[] = [];
          let i = 0;
          for (const piece of pieces(encodeData(data), sizes)) {
            decoder.push(piece);
            if (i++ % (every + 1) !== 0) continue;
            const { rows, columns } = decoder.take();
            cells.push(...cellsOf(columns, rows));
          }
          decoder.finish();
          const last = decoder.take();
          cells.push(...cellsOf(last.columns, last.rows));
          expect(cells).toEqual(referenceCells(data, 60_000));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("fail when cut anywhere, with the rows before", () => {
    fc.assert(
      fc.property(buffer, (data) => {
        const bytes = encodeData(data);
        for (let length = 0; length < bytes.length; length++)
          expect(() => decodeColumns(bytes.subarray(0, length))).toThrow(
            expect.objectContaining({ code: "truncated" }),
          );
      }),
      { numRuns: 20 },
    );
  });

  it("are columns or an error of the family when octets are changed", () => {
    fc.assert(
      fc.property(buffer, fc.nat(), fc.nat(255), (data, at, octet) => {
        const bytes = encodeData(data);
        bytes[at % bytes.length] = octet;
        try {
          decodeColumns(bytes);
        } catch (error) {
          if (!DlmsError.is(error)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("compact arrays", () => {
  const description: TypeDescription = {
    type: "structure",
    elements: [
      { type: "octet-string" },
      { type: "null-data" },
      { type: "double-long-unsigned" },
      { type: "array", count: 2, element: { type: "octet-string" } },
      { type: "long64" },
    ],
  };
  const row = fc
    .tuple(time, fc.nat(2 ** 31), fc.array(fc.uint8Array({ maxLength: 3 }), { minLength: 2, maxLength: 2 }), wide)
    .map(([clock, value, strings, long]): Data => {
      const value2 = strings.map((octets): Data => ({ type: "octet-string", value: octets }));
      const counter: Data = { type: "double-long-unsigned", value };
      return { type: "structure", value: [clock, nothing, counter, { type: "array", value: value2 }, long] };
    });
  it("become the same columns as the elements they stand for", () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (rows, sizes) => {
          const data = compactArray(description, rows);
          const decoder = new ColumnDecoder();
          for (const piece of pieces(encodeData(data), sizes)) decoder.push(piece);
          decoder.finish();
          const batch = decoder.take();
          expect(cellsOf(batch.columns, batch.rows)).toEqual(referenceCells(data, undefined));
        },
      ),
    );
  });
});
