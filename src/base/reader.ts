import { dlmsError } from "./errors.js";

/**
 * Reads big-endian values from a byte array without ever passing its end.
 * `take` returns views on the input, not copies.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  /** The next octet without moving on; undefined at the end. */
  peek(): number | undefined {
    return this.offset < this.end ? this.bytes[this.offset] : undefined;
  }

  /** Moves on by `count` octets and returns where they began. */
  advance(count: number): number {
    if (count > this.end - this.offset) this.#fail(count);
    const at = this.offset;
    this.offset += count;
    return at;
  }

  /** A view on the next `count` octets. */
  take(count: number): Uint8Array {
    const at = this.advance(count);
    return this.bytes.subarray(at, at + count);
  }

  u8(): number {
    return this.#view.getUint8(this.advance(1));
  }
  i8(): number {
    return this.#view.getInt8(this.advance(1));
  }
  u16(): number {
    return this.#view.getUint16(this.advance(2));
  }
  i16(): number {
    return this.#view.getInt16(this.advance(2));
  }
  u32(): number {
    return this.#view.getUint32(this.advance(4));
  }
  i32(): number {
    return this.#view.getInt32(this.advance(4));
  }
  u64(): bigint {
    return this.#view.getBigUint64(this.advance(8));
  }
  i64(): bigint {
    return this.#view.getBigInt64(this.advance(8));
  }
  f32(): number {
    return this.#view.getFloat32(this.advance(4));
  }
  f64(): number {
    return this.#view.getFloat64(this.advance(8));
  }

  /** @throws DecodeError `trailing-bytes` unless everything was read. */
  expectEnd(): void {
    if (this.offset !== this.end)
      throw dlmsError("trailing-bytes", `${this.remaining} octets after the end of the message`, {
        layer: "codec",
        offset: this.offset,
      });
  }

  #fail(count: number): never {
    throw dlmsError("truncated", `needs ${count} octets at offset ${this.offset}, ${this.remaining} are left`, {
      layer: "codec",
      offset: this.offset,
    });
  }
}
