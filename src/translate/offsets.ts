import type { Json } from "./types.js";

/** Where the fields of an explained APDU stand in it: beside the JSON, for those who print it for people. */
const known = new WeakMap<Json, ReadonlyMap<string, number>>();

/** Notes the offsets of the fields of `apdu`, by their path. */
export function rememberOffsets(apdu: Json, offsets: ReadonlyMap<string, number>): void {
  known.set(apdu, offsets);
}

/** The same offsets hold for `to`. */
export function copyOffsets(from: Json, to: Json): void {
  const offsets = known.get(from);
  if (offsets !== undefined) known.set(to, offsets);
}

/** Offset of a field of an APDU in the octets of that APDU; undefined where it is not known. */
export function fieldOffset(apdu: Json, field: string): number | undefined {
  return known.get(apdu)?.get(`${apdu["type"]}.${field}`);
}
