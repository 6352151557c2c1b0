import type { Negotiated, Protection, SelectiveAccess } from "../association/index.js";
import type { Data } from "../data/index.js";

/** Whoever asks, and when. */
export interface RequestContext {
  readonly clientSap: number;
  readonly protection: Protection;
  /** The request was signed. */
  readonly signed?: boolean;
  /** The meter's own time, milliseconds UTC. */
  readonly now: number;
  /** What this client's association agreed on; undefined where a device is asked without one. */
  readonly negotiated?: Negotiated | undefined;
  /** The device that is asked, for what depends on other objects. */
  readonly device: DeviceView;
}

/** What an object may see of its device. */
export interface DeviceView {
  find(logicalName: Uint8Array): MockObject | undefined;
  /** Objects that the client of this address sees. */
  visibleTo(clientSap: number): readonly MockObject[];
}

/** Who may do what with an attribute. */
export type AttributeAccess = "none" | "read" | "write" | "read-write";

/** One attribute: a value or what computes it, and what a write does. Throws `Refusal` to refuse. */
export interface MockAttribute {
  /** Name in the class table. */
  readonly name?: string;
  /** True when configuration alone changes it. */
  readonly static?: boolean;
  /** Exists, and is never read: a secret. */
  readonly hidden?: boolean;
  /** Encoded values save work where there is much to send. */
  get(context: RequestContext): Data | Uint8Array;
  set?: (value: Data, context: RequestContext) => void;
  /** Selective access; without it the selector is refused. */
  select?: (access: SelectiveAccess, context: RequestContext) => Data | Uint8Array;
  /** Selectors that `select` takes, for the object list. */
  readonly selectors?: readonly number[];
}

/** One method; returns data where the method does. Throws `Refusal` to refuse. */
export type MockMethod = (parameter: Data | undefined, context: RequestContext) => Data | undefined;

/** An object of the mock meter: an instance of an interface class. */
export interface MockObject {
  readonly classId: number;
  readonly version: number;
  /** Six octets. */
  readonly logicalName: Uint8Array;
  readonly attributes: ReadonlyMap<number, MockAttribute>;
  readonly methods: ReadonlyMap<number, MockMethod>;
  /** Narrows what a client may do; everything that the attribute can is allowed without it. */
  readonly access?: (clientSap: number, attributeId: number) => AttributeAccess;
  /** Whether a client may invoke a method; all may without it. */
  readonly methodAccess?: (clientSap: number, methodId: number) => boolean;
  /** access_mode of Association LN version 3, for the protection that it demands; none without it. */
  readonly attributeMode?: (clientSap: number, attributeId: number) => number | undefined;
  /** The same for a method. */
  readonly methodMode?: (clientSap: number, methodId: number) => number | undefined;
}

/** What this client may do with this attribute. */
export function attributeAccess(object: MockObject, clientSap: number, attributeId: number): AttributeAccess {
  const attribute = object.attributes.get(attributeId);
  if (attribute === undefined) return "none";
  const able = abilities[`${attribute.hidden !== true} ${attribute.set !== undefined}`];
  const granted = object.access?.(clientSap, attributeId) ?? able;
  if (granted === able || granted === "read-write") return able;
  return able === "read-write" ? granted : "none";
}

/** What an attribute can do at all, by whether it can be read and written. */
const abilities = {
  "true true": "read-write",
  "true false": "read",
  "false true": "write",
  "false false": "none",
} as const;

/** access_mode of an attribute in bits, for the object list. */
export function attributeMode(object: MockObject, clientSap: number, attributeId: number): number {
  const rights = accessBits[attributeAccess(object, clientSap, attributeId)];
  return ((object.attributeMode?.(clientSap, attributeId) ?? 0) & ~accessBits["read-write"]) | rights;
}

/** access_mode of a method in bits. */
export function methodMode(object: MockObject, clientSap: number, methodId: number): number {
  const rights = Number(methodAccess(object, clientSap, methodId));
  return ((object.methodMode?.(clientSap, methodId) ?? 0) & ~1) | rights;
}

/** Reading and writing in the bits of an access_mode, which are also its first numbers. */
export const accessBits: Readonly<Record<AttributeAccess, number>> = { none: 0, read: 1, write: 2, "read-write": 3 };

/** True when this client may invoke this method. */
export function methodAccess(object: MockObject, clientSap: number, methodId: number): boolean {
  return object.methods.has(methodId) && (object.methodAccess?.(clientSap, methodId) ?? true);
}
