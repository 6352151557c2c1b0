import { seededRandom } from "../transport/index.js";

/** A number from 0 to 1 that depends on the two keys alone, so that any slot can be asked for in any order. */
export function hashedRandom(seed: number, slot: number): number {
  return seededRandom(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(slot + 1, 0x85ebca6b))();
}
