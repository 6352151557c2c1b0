import { dlmsError } from "../base/index.js";

/** Octets of an address on the line. */
export type AddressSize = 1 | 2 | 4;

/**
 * An HDLC address. A client has one octet with its address in `upper`. A server has the logical device in `upper` and,
 * in the wider forms, the physical device in `lower` (IEC 62056-46 clause 6.4.2).
 */
export interface HdlcAddress {
  readonly upper: number;
  readonly lower?: number;
  readonly size: AddressSize;
}

/** Reserved server addresses: no station, management logical device, all stations. */
export const reservedAddresses = { noStation: 0, management: 1, allStations: { 1: 0x7f, 2: 0x7f, 4: 0x3fff } } as const;

/** Address of a client, 0 to 127. */
export function clientAddress(address: number): HdlcAddress {
  return checked({ upper: address, size: 1 });
}

/**
 * Address of a server. Without `size` the narrowest form that holds it: one octet without a physical device, else two or
 * four.
 */
export function serverAddress(logical: number, physical?: number, size?: AddressSize): HdlcAddress {
  if (physical === undefined && (size ?? 1) === 1 && logical < 0x80) return checked({ upper: logical, size: 1 });
  const fits = logical < 0x80 && (physical ?? 0) < 0x80;
  return checked({
    upper: logical,
    lower: physical ?? 0,
    size: size === undefined || size === 1 ? (fits ? 2 : 4) : size,
  });
}

/** Octets of the address: seven bits each, the lowest bit set in the last one. */
export function encodeAddress(address: HdlcAddress): number[] {
  const { upper, lower = 0, size } = checked(address);
  if (size === 1) return [(upper << 1) | 1];
  if (size === 2) return [upper << 1, (lower << 1) | 1];
  return [(upper >> 7) << 1, (upper & 0x7f) << 1, (lower >> 7) << 1, ((lower & 0x7f) << 1) | 1];
}

/** The address that begins at `at`; undefined when it has no valid end within four octets. */
export function decodeAddress(bytes: Uint8Array, at: number, end: number): HdlcAddress | undefined {
  const limit = Math.min(end, at + 4);
  let value = 0;
  for (let i = at; i < limit; i++) {
    const octet = bytes[i] as number;
    value = (value << 7) | (octet >> 1);
    if ((octet & 1) === 1) return addressOf(value, i - at + 1);
  }
  return undefined;
}

function addressOf(value: number, size: number): HdlcAddress | undefined {
  if (size === 1) return { upper: value, size };
  if (size === 2) return { upper: value >> 7, lower: value & 0x7f, size };
  if (size === 4) return { upper: value >> 14, lower: value & 0x3fff, size };
  return undefined;
}

/** True when both name the same station, however wide they are written. */
export function sameStation(a: HdlcAddress, b: HdlcAddress): boolean {
  return a.upper === b.upper && (a.lower ?? 0) === (b.lower ?? 0);
}

/** True for the addresses that every server listens to. */
export function isAllStations({ upper, lower, size }: HdlcAddress): boolean {
  const all = reservedAddresses.allStations[size];
  return size === 1 ? upper === all : lower === all || (upper === all && lower === 0);
}

/** For people: `client 16`, `1/17`. */
export function addressText({ upper, lower }: HdlcAddress): string {
  return lower === undefined ? String(upper) : `${upper}/${lower}`;
}

function checked(address: HdlcAddress): HdlcAddress {
  const limit = address.size === 4 ? 0x3fff : 0x7f;
  for (const part of [address.upper, address.lower ?? 0])
    if (!Number.isInteger(part) || part < 0 || part > limit)
      throw dlmsError(
        "invalid-argument",
        `an HDLC address of ${address.size} octets holds 0 to ${limit}, not ${part}`,
        {
          layer: "hdlc",
        },
      );
  return address;
}
