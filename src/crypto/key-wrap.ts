import { checkWrapInput, isWrappedLength } from "./argument-checks.js";

/** Encrypts or decrypts one block of 16 octets. */
export type BlockOperation = (block: Uint8Array) => Uint8Array;

const initial = 0xa6;
const rounds = 6;

/** RFC 3394, 2.2.1, on top of the block cipher. */
export function wrapWith(encryptBlock: BlockOperation, key: Uint8Array): Uint8Array {
  checkWrapInput(key);
  const count = key.length / 8;
  const out = new Uint8Array(key.length + 8).fill(initial, 0, 8);
  out.set(key, 8);
  const block = new Uint8Array(16);
  for (let step = 1; step <= rounds * count; step++) {
    const at = 8 * (1 + ((step - 1) % count));
    block.set(out.subarray(0, 8));
    block.set(out.subarray(at, at + 8), 8);
    const result = encryptBlock(block);
    out.set(result.subarray(0, 8));
    addStep(out, step);
    out.set(result.subarray(8), at);
  }
  return out;
}

/** RFC 3394, 2.2.2; undefined when the integrity check value is wrong. */
export function unwrapWith(decryptBlock: BlockOperation, wrapped: Uint8Array): Uint8Array | undefined {
  if (!isWrappedLength(wrapped)) return undefined;
  const count = wrapped.length / 8 - 1;
  const out = wrapped.slice();
  const block = new Uint8Array(16);
  for (let step = rounds * count; step >= 1; step--) {
    const at = 8 * (1 + ((step - 1) % count));
    addStep(out, step);
    block.set(out.subarray(0, 8));
    block.set(out.subarray(at, at + 8), 8);
    const result = decryptBlock(block);
    out.set(result.subarray(0, 8));
    out.set(result.subarray(8), at);
  }
  let difference = 0;
  for (const octet of out.subarray(0, 8)) difference |= octet ^ initial;
  return difference === 0 ? out.slice(8) : undefined;
}

function addStep(out: Uint8Array, step: number): void {
  const view = new DataView(out.buffer, out.byteOffset);
  view.setUint32(4, view.getUint32(4) ^ step);
}
