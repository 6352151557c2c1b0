import fc from "fast-check";
import { compactArray, type Data, type expandCompactArray, type TypeDescription } from "../../src/data/index.js";

const int = (min: number, max: number) => fc.integer({ min, max });
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const value = <T extends Data["type"]>(types: readonly T[], values: fc.Arbitrary<unknown>): fc.Arbitrary<Data> =>
  fc.tuple(fc.constantFrom(...types), values).map(([type, v]) => ({ type, value: v }) as unknown as Data);

/** One value of each simple type. */
export const simpleData: fc.Arbitrary<Data> = fc.oneof(
  fc.constantFrom<Data>({ type: "null-data" }, { type: "dont-care" }),
  value(["boolean"], fc.boolean()),
  int(2, 255).map((octet): Data => ({ type: "boolean", value: true, octet })),
  fc
    .tuple(int(0, 20), bytes(3))
    .map(([length, b]): Data => ({ type: "bit-string", value: { length, bytes: b.slice(0, Math.ceil(length / 8)) } })),
  value(["integer", "bcd", "delta-integer"], int(-128, 127)),
  value(["unsigned", "enum", "delta-unsigned"], int(0, 255)),
  value(["long", "delta-long"], int(-32768, 32767)),
  value(["long-unsigned", "delta-long-unsigned"], int(0, 65535)),
  value(["double-long", "delta-double-long"], int(-(2 ** 31), 2 ** 31 - 1)),
  value(["double-long-unsigned", "delta-double-long-unsigned"], int(0, 2 ** 32 - 1)),
  value(["long64"], fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  value(["long64-unsigned"], fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  value(["float32"], fc.float({ noNaN: true })),
  value(["float64"], fc.double({ noNaN: true })),
  value(["octet-string"], fc.uint8Array({ maxLength: 200 })),
  value(["date-time"], bytes(12)),
  value(["date"], bytes(5)),
  value(["time"], bytes(4)),
  value(["visible-string"], fc.string({ unit: "grapheme-ascii", maxLength: 150 })),
  value(["utf8-string"], fc.string({ unit: "binary", maxLength: 60 })),
);

const simpleDescription = fc.constantFrom<TypeDescription>(
  { type: "unsigned" },
  { type: "long-unsigned" },
  { type: "double-long" },
  { type: "octet-string" },
  { type: "boolean" },
  { type: "null-data" },
);
const { description } = fc.letrec<{ description: TypeDescription }>((tie) => ({
  description: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    simpleDescription,
    fc
      .array(tie("description"), { minLength: 1, maxLength: 4 })
      .map((elements): TypeDescription => ({ type: "structure", elements: [{ type: "unsigned" }, ...elements] })),
    fc
      .tuple(
        int(0, 3),
        simpleDescription.filter((type) => type.type !== "null-data"),
      )
      .map(([count, element]): TypeDescription => ({ type: "array", count, element })),
  ),
}));

function sample(type: TypeDescription, seed: number): Data {
  if (type.type === "array")
    return { type: "array", value: Array.from({ length: type.count }, (_, i) => sample(type.element, seed + i)) };
  if (type.type === "structure") return { type: "structure", value: type.elements.map((e, i) => sample(e, seed + i)) };
  if (type.type === "octet-string") return { type: "octet-string", value: new Uint8Array(seed % 9).fill(seed) };
  if (type.type === "boolean") return { type: "boolean", value: seed % 2 === 0 };
  if (type.type === "null-data") return { type: "null-data" };
  return { type: type.type as "unsigned", value: seed % 256 };
}

/** A compact array with the elements it stands for. */
export const compactExample = fc
  .tuple(
    description.map((inner): TypeDescription => ({ type: "structure", elements: [{ type: "unsigned" }, inner] })),
    fc.array(int(0, 1000), { maxLength: 5 }),
  )
  .map(([shape, seeds]) => {
    const elements = seeds.map((seed) => sample(shape, seed));
    return { data: compactArray(shape, elements) as Parameters<typeof expandCompactArray>[0], elements };
  });

/** Any value, nested a few levels. */
export const anyData: fc.Arbitrary<Data> = fc.letrec<{ data: Data }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    simpleData,
    fc
      .tuple(fc.constantFrom("array" as const, "structure" as const), fc.array(tie("data"), { maxLength: 5 }))
      .map(([type, v]): Data => ({ type, value: v })),
    compactExample.map(({ data }): Data => data),
  ),
})).data;
