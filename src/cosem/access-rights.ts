/** Access rights to attributes and methods as the object list of an association tells them (IEC 62056-6-2). */
import type { Data } from "../data/index.js";
import { mapped } from "./composite-types.js";
import { bool, enumeration } from "./simple-types.js";
import type { ValueType } from "./value-type.js";

/** How a message must be protected at least. */
export interface Protection {
  readonly authenticated: boolean;
  readonly encrypted: boolean;
  readonly signed: boolean;
}

/** A protection as a caller asks for it: by name, or bit by bit. */
export type ProtectionWish = "authenticated" | "encrypted" | "authenticated-encrypted" | Partial<Protection>;

/** What may be done with an attribute. */
export interface AttributeAccess {
  readonly read: boolean;
  readonly write: boolean;
  /** Protection that a request needs. */
  readonly request: Protection;
  /** Protection that the response has. */
  readonly response: Protection;
  /** The access_mode as on the wire. */
  readonly code: number;
}

/** What may be done with a method. */
export interface MethodAccess {
  readonly invoke: boolean;
  readonly request: Protection;
  readonly response: Protection;
  readonly code: number;
}

/**
 * The meaning of access_mode: numbers one to six up to version 2 of Association LN and version 3 of Association SN,
 * bits in later ones.
 */
export type AccessModes = "enumerated" | "bits";

const open: Protection = { authenticated: false, encrypted: false, signed: false };
const authenticated: Protection = { authenticated: true, encrypted: false, signed: false };

/** Bits 2 to 4 of access modes and security policies are about requests, 5 to 7 about responses. */
export function protectionOfBits(code: number, shift: 2 | 5): Protection {
  return {
    authenticated: ((code >> shift) & 1) !== 0,
    encrypted: ((code >> shift) & 2) !== 0,
    signed: ((code >> shift) & 4) !== 0,
  };
}

/** The right that an access_mode grants to an attribute. Numbers out of the table grant nothing. */
export function attributeAccess(code: number, modes: AccessModes): AttributeAccess {
  if (modes === "bits")
    return {
      read: (code & 1) !== 0,
      write: (code & 2) !== 0,
      request: protectionOfBits(code, 2),
      response: protectionOfBits(code, 5),
      code,
    };
  const known = code <= 6;
  const bits = code > 3 ? code - 3 : code;
  const protection = known && code > 3 ? authenticated : open;
  return {
    read: known && (bits & 1) !== 0,
    write: known && (bits & 2) !== 0,
    request: protection,
    response: protection,
    code,
  };
}

/** The right that an access_mode grants to a method. Numbers out of the table grant nothing. */
export function methodAccess(code: number, modes: AccessModes): MethodAccess {
  if (modes === "bits")
    return {
      invoke: (code & 1) !== 0,
      request: protectionOfBits(code, 2),
      response: protectionOfBits(code, 5),
      code,
    };
  const protection = code === 2 ? authenticated : open;
  return { invoke: code === 1 || code === 2, request: protection, response: protection, code };
}

/**
 * The access_mode, in bits, of a right to an attribute (a method when `write` is left out, `read` then being to
 * invoke) and of the protection that it demands.
 */
export function accessModeBits(right: {
  readonly read?: boolean;
  readonly write?: boolean;
  readonly request?: Partial<Protection>;
  readonly response?: Partial<Protection>;
}): number {
  const bits = ({ authenticated = false, encrypted = false, signed = false }: Partial<Protection>) =>
    Number(authenticated) | (Number(encrypted) << 1) | (Number(signed) << 2);
  const { read = false, write = false, request = {}, response = {} } = right;
  return Number(read) | (Number(write) << 1) | (bits(request) << 2) | (bits(response) << 5);
}

/** Type of an attribute's access_mode. */
export function attributeMode(modes: AccessModes): ValueType<AttributeAccess> {
  return mapped(
    enumeration,
    `access-mode ${modes}`,
    (code) => attributeAccess(code, modes),
    (access) => access.code,
  );
}

/** Type of a method's access_mode; a boolean, which the first version sends, counts as access or none. */
export function methodMode(modes: AccessModes, sent: "enum" | "boolean" = "enum"): ValueType<MethodAccess> {
  const decode = (data: Data) =>
    methodAccess(data.type === "boolean" ? Number(data.value) : enumeration.decode(data), modes);
  return {
    kind: sent,
    meaning: `access-mode ${modes}`,
    decode,
    encode: (access) => (sent === "boolean" ? bool.encode(access.invoke) : enumeration.encode(access.code)),
  };
}
