import { toHex } from "../base/index.js";
import type { MockObject } from "./object.js";

/** What a client that did not prove who it is may read: names, clock, the association and the invocation counter. */
const open = new Set(
  ["0.0.42.0.0.255", "0.0.41.0.0.255", "0.0.40.0.0.255", "0.0.1.0.0.255", "0.0.96.1.0.255"].map((name) =>
    toHex(Uint8Array.from(name.split("."), Number)),
  ),
);

/** Invocation counters, 0-0:43.1.e: who holds no key has to read them before ciphering anything. */
const counters = toHex(Uint8Array.of(0, 0, 43, 1));

/** The object with its rights narrowed for clients that are not trusted. An object with rights of its own keeps them. */
export function accessForPublic(object: MockObject, isTrusted: (clientSap: number) => boolean): MockObject {
  if (object.access !== undefined) return object;
  const name = toHex(object.logicalName);
  const isOpen = open.has(name) || name.startsWith(counters);
  return {
    ...object,
    access: (clientSap) => (isTrusted(clientSap) ? "read-write" : isOpen ? "read" : "none"),
    methodAccess:
      object.methodAccess ?? ((clientSap) => isTrusted(clientSap) || object.classId === 15 || object.classId === 12),
  };
}

/** An association object shown to those clients alone who address the meter as it does: 15 by logical, 12 by short names. */
export function accessByReferencing(object: MockObject, isBySn: (clientSap: number) => boolean): MockObject {
  if (object.classId !== 15 && object.classId !== 12) return object;
  const isFor = (clientSap: number) => isBySn(clientSap) === (object.classId === 12);
  return {
    ...object,
    access: (clientSap, id) => (isFor(clientSap) ? (object.access?.(clientSap, id) ?? "read-write") : "none"),
    methodAccess: (clientSap, id) => isFor(clientSap) && (object.methodAccess?.(clientSap, id) ?? true),
  };
}
