import type { Json } from "./types.js";

/** Where the fields of an explained APDU stand in it: beside the JSON, for those who print it for people. */
const known = new WeakMap<Json, ReadonlyMap<string, number>>();

/** Notes the offsets of the fields of `apdu`, by their path. */
export function rememberOffsets(apdu: Json, offsets: ReadonlyMap<string, number>): void {
  known.set(apdu, offsets);
}

/** The same offsets and octets hold for `to`. */
export function copyOffsets(from: Json, to: Json): void {
  const offsets = known.get(from);
  if (offsets !== undefined) known.set(to, offsets);
  const bytes = octets.get(from);
  if (bytes !== undefined) octets.set(to, bytes);
}

/** Offset of a field of an APDU in the octets of that APDU; undefined where it is not known. */
export function fieldOffset(apdu: Json, field: string): number | undefined {
  return known.get(apdu)?.get(`${apdu["type"]}.${field}`);
}

/** The octets that an explained APDU was read from, for those who write it in another form. */
const octets = new WeakMap<Json, Uint8Array>();

/** Notes the octets of `apdu`. */
export function rememberOctets(apdu: Json, bytes: Uint8Array): void {
  octets.set(apdu, bytes);
}

/** The octets of an explained APDU; undefined for JSON that is none. */
export function octetsOf(apdu: Json): Uint8Array | undefined {
  return octets.get(apdu);
}
