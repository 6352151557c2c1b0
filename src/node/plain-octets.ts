/** A Uint8Array of the same memory: a Buffer's `slice` does not copy, which all who are given octets rely on. */
export function plainOctets(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
