import type { ByteReader, ByteWriter, Notice } from "../base/index.js";

/** One field found while decoding: where it lies and what it holds. Fields inside a field are told before it. */
export interface DecodedField {
  /** As `get-response.result.data`. */
  readonly path: string;
  /** Position of its first octet in the message. */
  readonly offset: number;
  /** Octets it takes, with its own tag and length. */
  readonly length: number;
  readonly value: unknown;
}

/** Who listens while a message is decoded. */
export interface DecodeListener {
  /** Told of each deviation of the peer that was tolerated. */
  readonly onNotice?: (notice: Notice) => void;
  /** Told of each field as it is read; values may be secrets, as a dedicated key. */
  readonly onField?: (field: DecodedField) => void;
}

/** A listener and the path of the field that is being decoded (kept only when someone listens to fields). */
export interface DecodeContext extends DecodeListener {
  readonly path: string[];
}

/** Both directions of one field or message. */
export interface Codec<T> {
  /** @throws UsageError when the value does not fit. */
  encode(writer: ByteWriter, value: T): void;
  /** @throws DecodeError when the octets do not follow the standard. */
  decode(reader: ByteReader, context: DecodeContext): T;
}

/** A codec whose field may be absent; in a structure it makes an optional property. */
export interface OptionalCodec<T> extends Codec<T | undefined> {
  readonly optional: true;
}

/** The value that a codec reads and writes. */
export type Infer<C> = C extends Codec<infer T> ? T : never;

/** The same type, written out in one piece. */
export type Simplify<T> = { readonly [K in keyof T]: T[K] } & {};

/** Decodes a field and tells who listens where it was. */
export function decodeField<T>(key: string, codec: Codec<T>, reader: ByteReader, context: DecodeContext): T {
  const { onField, path } = context;
  if (onField === undefined) return codec.decode(reader, context);
  const offset = reader.offset;
  path.push(key);
  const value = codec.decode(reader, context);
  const length = reader.offset - offset;
  if (length > 0 || value !== undefined) onField({ path: joinPath(path), offset, length, value });
  path.pop();
  return value;
}

/** Text of a path: `a.b[3].c`. */
export function joinPath(keys: readonly string[]): string {
  return keys.reduce((path, key) => (path === "" || key.startsWith("[") ? path + key : `${path}.${key}`), "");
}
