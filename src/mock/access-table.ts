import { attributeAccess, methodAccess, Obis, type ObisLike } from "../cosem/index.js";
import { noProtection, type ProtectionBits, stronger } from "../security/index.js";
import type { AttributeAccess, MockObject } from "./object.js";

/**
 * Rights to an object as the object list of Association LN version 3 tells them: access_mode by number of attribute or
 * method. Bit 0 is reading or invoking, 1 writing, 2 to 4 what a request must be (authenticated, encrypted, signed), 5
 * to 7 what its response is. What is left out stays as the object has it.
 */
export interface MockAccessRights {
  /** Address of the client that they are for; every client when left out. */
  readonly client?: number;
  /** Logical name; every object when left out. */
  readonly object?: ObisLike;
  readonly attributes?: Readonly<Record<number, number>>;
  readonly methods?: Readonly<Record<number, number>>;
}

type Kind = "attributes" | "methods";

/** The rights of a meter, by object and client: the first row that names an attribute or method counts. */
export class AccessTable {
  readonly #rows: readonly (MockAccessRights & { readonly name: string | undefined })[];

  /** @throws UsageError `invalid-obis`. */
  constructor(rows: readonly MockAccessRights[]) {
    this.#rows = rows.map((row) => ({ ...row, name: row.object && Obis.from(row.object).toString() }));
  }

  /** The access_mode of a row; undefined when no row is about it. */
  modeOf(object: MockObject, kind: Kind, clientSap: number, id: number): number | undefined {
    const name = Obis.fromOctets(object.logicalName).toString();
    const row = this.#rows.find(
      (one) =>
        (one.client === undefined || one.client === clientSap) &&
        (one.name === undefined || one.name === name) &&
        one[kind]?.[id] !== undefined,
    );
    return row?.[kind]?.[id];
  }

  /** The object with its rights narrowed to those of the table, and with the protection that they need. */
  applied(object: MockObject): MockObject {
    const attributeMode = (clientSap: number, id: number) => this.modeOf(object, "attributes", clientSap, id);
    const methodMode = (clientSap: number, id: number) => this.modeOf(object, "methods", clientSap, id);
    return {
      ...object,
      attributeMode,
      methodMode,
      access: (clientSap, id) => {
        const inherited = object.access?.(clientSap, id) ?? "read-write";
        const mode = attributeMode(clientSap, id);
        return mode === undefined ? inherited : both(inherited, granted[mode & 3] ?? "none");
      },
      methodAccess: (clientSap, id) => {
        const mode = methodMode(clientSap, id);
        const granted = mode === undefined || (mode & 1) !== 0;
        return granted && (object.methodAccess?.(clientSap, id) ?? true);
      },
    };
  }
}

/** Protection that the rights to one attribute or method demand. */
export interface DemandedProtection {
  readonly request: ProtectionBits;
  readonly response: ProtectionBits;
}

/** What is demanded where an attribute of the object is read or written. */
export function attributeProtection(object: MockObject, clientSap: number, id: number): DemandedProtection {
  return demandOf(object.attributeMode?.(clientSap, id), attributeAccess);
}

/** What is demanded where a method of the object is invoked. */
export function methodProtection(object: MockObject, clientSap: number, id: number): DemandedProtection {
  return demandOf(object.methodMode?.(clientSap, id), methodAccess);
}

/** Whatever one of several demands of the response. */
export function strongestResponse(demands: Iterable<DemandedProtection>): ProtectionBits {
  let strongest: ProtectionBits = noProtection;
  for (const { response } of demands) strongest = stronger(strongest, response);
  return strongest;
}

const nothing: DemandedProtection = { request: noProtection, response: noProtection };

function demandOf(mode: number | undefined, read: (mode: number, modes: "bits") => DemandedProtection) {
  return mode === undefined ? nothing : read(mode, "bits");
}

const granted: readonly AttributeAccess[] = ["none", "read", "write", "read-write"];

/** What both allow. */
function both(one: AttributeAccess, other: AttributeAccess): AttributeAccess {
  return granted[granted.indexOf(one) & granted.indexOf(other)] ?? "none";
}
