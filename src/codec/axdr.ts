import { type ByteReader, type ByteWriter, dlmsError } from "../base/index.js";
import { type Codec, type DecodeContext, decodeField, type Infer, type OptionalCodec, type Simplify } from "./codec.js";
import { passFailure } from "./failure.js";
import { readLength, writeLength } from "./length.js";

/** Fields of a structure, in the order of the wire. */
export type Shape = Readonly<Record<string, Codec<unknown>>>;
/** Properties that every value of a structure has and that are not on the wire, as `type`. */
export type Constants = Readonly<Record<string, string>>;

/** The object that a shape describes; optional codecs give optional properties. */
export type StructOf<S> = {
  readonly [K in keyof S as S[K] extends OptionalCodec<unknown> ? never : K]: Infer<S[K]>;
} & {
  readonly [K in keyof S as S[K] extends OptionalCodec<unknown> ? K : never]?: Exclude<Infer<S[K]>, undefined>;
};

/** SEQUENCE: the fields one after the other. */
export function struct<const C extends Constants, S extends Shape>(
  constants: C,
  shape: S,
): Codec<Simplify<C & StructOf<S>>> {
  const fields = fieldsOf(shape);
  return {
    encode: (writer, value) => encodeFields(fields, writer, value as Readonly<Record<string, unknown>>),
    decode: (reader, context) => decodeFields(fields, { ...constants }, reader, context) as Simplify<C & StructOf<S>>,
  };
}

/** One alternative of a CHOICE: its tag octet and the fields that follow. */
export interface Alternative<S extends Shape> {
  readonly tag: number;
  readonly shape: S;
}

/** Declares an alternative for `choice`. */
export function alternative<S extends Shape>(tag: number, shape: S): Alternative<S> {
  return { tag, shape };
}

type Alternatives = Readonly<Record<string, Alternative<Shape>>>;

/** The union that the alternatives describe; `choice` tells which. */
export type ChoiceOf<C, A extends Alternatives> = {
  [K in keyof A & string]: Simplify<C & { readonly choice: K } & StructOf<A[K]["shape"]>>;
}[keyof A & string];

/** A CHOICE with the names of its alternatives. */
export interface ChoiceCodec<T> extends Codec<T> {
  readonly choices: readonly string[];
}

/** CHOICE: a tag octet, then the fields of that alternative. */
export function choice<const C extends Constants, A extends Alternatives>(
  constants: C,
  alternatives: A,
): ChoiceCodec<ChoiceOf<C, A>> {
  const byTag = new Map<number, { template: Constants; fields: Fields }>();
  const byName = new Map<string, { tag: number; fields: Fields }>();
  for (const [name, { tag, shape }] of Object.entries(alternatives)) {
    const fields = fieldsOf(shape);
    byTag.set(tag, { template: { ...constants, choice: name }, fields });
    byName.set(name, { tag, fields });
  }
  const known = [...byTag].map(([tag, { template }]) => `${tag} ${template["choice"]}`).join(", ");
  return {
    choices: [...byName.keys()],
    encode(writer, value) {
      const form = byName.get((value as { choice: string }).choice);
      if (form === undefined)
        throw dlmsError("invalid-argument", `no such choice; there are ${[...byName.keys()].join(", ")}`, {
          layer: "codec",
        });
      writer.u8(form.tag);
      encodeFields(form.fields, writer, value as Readonly<Record<string, unknown>>);
    },
    decode(reader, context) {
      const offset = reader.offset;
      const tag = reader.u8();
      const form = byTag.get(tag);
      if (form === undefined)
        throw passFailure(
          dlmsError("malformed", `unknown choice ${tag}`, { layer: "codec", offset, expected: known }),
          "choice",
          { ...constants },
        );
      return decodeFields(form.fields, { ...form.template }, reader, context) as ChoiceOf<C, A>;
    },
  };
}

/** OPTIONAL: 00 when absent, 01 and the value when present. */
export function optional<T>(codec: Codec<T>): OptionalCodec<T> {
  return {
    optional: true,
    encode(writer, value) {
      writer.u8(value === undefined ? 0 : 1);
      if (value !== undefined) codec.encode(writer, value);
    },
    decode(reader, context) {
      const offset = reader.offset;
      const flag = reader.u8();
      if (flag === 0) return undefined;
      if (flag !== 1) throw dlmsError("malformed", `usage flag ${flag} is neither 0 nor 1`, { layer: "codec", offset });
      return codec.decode(reader, context);
    },
  };
}

/** A last field that is there only if octets are left for it. */
export function trailing<T>(codec: Codec<T>): OptionalCodec<T> {
  return {
    optional: true,
    encode(writer, value) {
      if (value !== undefined) codec.encode(writer, value);
    },
    decode: (reader, context) => (reader.remaining === 0 ? undefined : codec.decode(reader, context)),
  };
}

/** SEQUENCE OF: a count, then the items. Each takes at least one octet, so a count above what is left fails at once. */
export function listOf<T>(item: Codec<T>): Codec<readonly T[]> {
  return {
    encode(writer, values) {
      writeLength(writer, values.length);
      for (const [i, value] of values.entries()) {
        try {
          item.encode(writer, value);
        } catch (error) {
          throw passFailure(error, `[${i}]`);
        }
      }
    },
    decode(reader, context) {
      const offset = reader.offset;
      const count = readLength(reader);
      if (count > reader.remaining)
        throw dlmsError("truncated", `${count} items announced, ${reader.remaining} octets are left`, {
          layer: "codec",
          offset,
        });
      const values: T[] = [];
      try {
        while (values.length < count) values.push(decodeField(`[${values.length}]`, item, reader, context));
      } catch (error) {
        throw passFailure(error, `[${values.length}]`, values);
      }
      return values;
    },
  };
}

/** A shape taken apart once, since decoding goes through it for each message. */
interface Fields {
  readonly keys: readonly string[];
  readonly codecs: readonly Codec<unknown>[];
}

function fieldsOf(shape: Shape): Fields {
  return { keys: Object.keys(shape), codecs: Object.values(shape) };
}

function encodeFields({ keys, codecs }: Fields, writer: ByteWriter, value: Readonly<Record<string, unknown>>): void {
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    const codec = codecs[i] as Codec<unknown>;
    try {
      if (value[key] === undefined && !("optional" in codec))
        throw dlmsError("invalid-argument", "the field is missing", { layer: "codec" });
      codec.encode(writer, value[key]);
    } catch (error) {
      throw passFailure(error, key);
    }
  }
}

/** Reads the fields into `value`, which holds the constants. */
function decodeFields(
  { keys, codecs }: Fields,
  value: Record<string, unknown>,
  reader: ByteReader,
  context: DecodeContext,
): unknown {
  let i = 0;
  try {
    for (; i < keys.length; i++) {
      const field = decodeField(keys[i] as string, codecs[i] as Codec<unknown>, reader, context);
      if (field !== undefined) value[keys[i] as string] = field;
    }
  } catch (error) {
    throw passFailure(error, keys[i] as string, value);
  }
  return value;
}
