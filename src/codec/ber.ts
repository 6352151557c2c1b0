import { ByteReader, ByteWriter, dlmsError } from "../base/index.js";
import type { Constants, StructOf } from "./axdr.js";
import { type Codec, type DecodeContext, decodeField, type OptionalCodec, type Simplify } from "./codec.js";
import { passFailure } from "./failure.js";
import { readLength, writeLength } from "./length.js";

/** One tag-length-value; its contents are read by a reader that ends where they end. */
export interface Tlv {
  readonly tag: number;
  readonly contents: ByteReader;
}

/** Reads a tag octet and a length, and passes over the contents. */
export function readTlv(reader: ByteReader): Tlv {
  const tag = reader.u8();
  const length = readLength(reader);
  const start = reader.advance(length);
  return { tag, contents: new ByteReader(reader.bytes, start, start + length) };
}

/** Writes a tag octet, the length of what `write` writes, and that. */
export function writeTlv(writer: ByteWriter, tag: number, write: (contents: ByteWriter) => void): void {
  const contents = new ByteWriter();
  write(contents);
  writer.u8(tag);
  writeLength(writer, contents.length);
  writer.bytes(contents.finish());
}

/** EXPLICIT: the contents are one more tag-length-value, of this tag. */
export function tagged<T>(tag: number, codec: Codec<T>): Codec<T> {
  return {
    encode(writer, value) {
      writeTlv(writer, tag, (contents) => codec.encode(contents, value));
    },
    decode(reader, context) {
      const offset = reader.offset;
      const inner = readTlv(reader);
      if (inner.tag !== tag)
        throw dlmsError("malformed", `tag ${hex(inner.tag)} where ${hex(tag)} belongs`, {
          layer: "codec",
          offset,
          expected: hex(tag),
        });
      const value = codec.decode(inner.contents, context);
      inner.contents.expectEnd();
      return value;
    },
  };
}

/** A codec for contents, with the tag in front of them. */
export interface BerField<T> extends Codec<T> {
  readonly tag: number;
  /** Another tag that peers use for the same field. */
  readonly alias?: number;
}

export interface OptionalBerField<T> extends OptionalCodec<T> {
  readonly tag: number;
  readonly alias?: number;
}

/** A field that must be there. */
export function berField<T>(tag: number, codec: Codec<T>): BerField<T> {
  return { tag, encode: codec.encode, decode: codec.decode };
}

/** A field that may be absent. */
export function optionalBerField<T>(tag: number, codec: Codec<T>, alias?: number): OptionalBerField<T> {
  return {
    optional: true,
    tag,
    ...(alias === undefined ? {} : { alias }),
    encode(writer, value) {
      if (value !== undefined) codec.encode(writer, value);
    },
    decode: codec.decode,
  };
}

type BerShape = Readonly<Record<string, BerField<unknown> | OptionalBerField<unknown>>>;

/**
 * SEQUENCE or SET of tagged fields up to the end, written in the order of the shape. A field of an unknown tag is
 * passed over with a notice.
 */
export function berFields<const C extends Constants, S extends BerShape>(
  constants: C,
  shape: S,
): Codec<Simplify<C & StructOf<S>>> {
  const fields = Object.entries(shape);
  const byTag = new Map<number, (typeof fields)[number]>();
  for (const field of fields) {
    byTag.set(field[1].tag, field);
    if (field[1].alias !== undefined) byTag.set(field[1].alias, field);
  }
  return {
    encode(writer, value) {
      for (const [key, codec] of fields)
        writeField(writer, key, codec, (value as Readonly<Record<string, unknown>>)[key]);
    },
    decode(reader, context) {
      const value: Record<string, unknown> = { ...constants };
      let key = "";
      try {
        while (reader.remaining > 0) {
          const field = byTag.get(reader.peek() ?? -1);
          if (field === undefined) {
            passUnknownField(reader, context);
            continue;
          }
          key = field[0];
          if (key in value)
            throw dlmsError("malformed", "the field comes twice", { layer: "codec", offset: reader.offset });
          value[key] = decodeField(key, contentsOf(field[1]), reader, context);
        }
        for (const [name, codec] of fields) {
          key = name;
          if (!(name in value) && !("optional" in codec)) throw missing(codec.tag, reader.offset);
        }
      } catch (error) {
        throw passFailure(error, key, value);
      }
      return value as Simplify<C & StructOf<S>>;
    },
  };
}

function writeField(
  writer: ByteWriter,
  key: string,
  codec: BerField<unknown> | OptionalBerField<unknown>,
  field: unknown,
): void {
  if (field === undefined) {
    if ("optional" in codec) return;
    throw passFailure(dlmsError("invalid-argument", "the field is missing", { layer: "codec" }), key);
  }
  try {
    writeTlv(writer, codec.tag, (contents) => codec.encode(contents, field));
  } catch (error) {
    throw passFailure(error, key);
  }
}

/** The codec of a field with its tag (already looked at) and length. */
function contentsOf(codec: Codec<unknown>): Codec<unknown> {
  return {
    encode: codec.encode,
    decode(reader, context) {
      const { contents } = readTlv(reader);
      const value = codec.decode(contents, context);
      contents.expectEnd();
      return value;
    },
  };
}

function missing(tag: number, offset: number) {
  return dlmsError("malformed", "the field is missing", { layer: "codec", offset, expected: hex(tag) });
}

function passUnknownField(reader: ByteReader, context: DecodeContext): void {
  const offset = reader.offset;
  const { tag } = readTlv(reader);
  context.onNotice?.({
    type: "notice",
    name: "unknown-field",
    message: `a field of the unknown tag ${hex(tag)} at offset ${offset} was passed over`,
    bytes: reader.bytes.subarray(offset, reader.offset),
  });
}

const hex = (tag: number) => tag.toString(16).toUpperCase().padStart(2, "0");
