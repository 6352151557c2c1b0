import type {
  AccessItem,
  AccessItemResult,
  AccessServiceRequest,
  AccessServiceResponse,
  ActionItem,
  ActionOutcome,
  DataResult,
  GetItem,
  ServiceRequest,
  ServiceResponse,
  SetItem,
} from "../association/index.js";
import { DlmsError, toHex } from "../base/index.js";
import { CosemDateTime, type Data, decodeData, encodeData } from "../data/index.js";
import { coversBits, type ProtectionBits, protectionBits } from "../security/index.js";
import { attributeProtection, type DemandedProtection, methodProtection, strongestResponse } from "./access-table.js";
import {
  attributeAccess,
  type DeviceView,
  type MockAttribute,
  type MockMethod,
  type MockObject,
  methodAccess,
  type RequestContext,
} from "./object.js";
import { accessResult, Refusal } from "./results.js";

type Reference = Pick<GetItem["attribute"], "classId" | "instanceId">;

/** A logical device: its objects, and the services on them under the rights of the client that asks. */
export class LogicalDevice implements DeviceView {
  readonly #objects = new Map<string, MockObject>();

  constructor(objects: readonly MockObject[]) {
    for (const object of objects) this.add(object);
  }

  /** Adds an object, or puts it in the place of the one with the same logical name. */
  add(object: MockObject): void {
    this.#objects.set(keyOf(object.classId, object.logicalName), object);
  }

  find(logicalName: Uint8Array): MockObject | undefined {
    return this.#objects.get(toHex(logicalName)) ?? this.#objects.get(keyOf(associationSn, logicalName));
  }

  /** Every object, whoever sees it. */
  [Symbol.iterator](): Iterator<MockObject> {
    return this.#objects.values();
  }

  visibleTo(clientSap: number): readonly MockObject[] {
    return [...this.#objects.values()].filter((object) =>
      [...object.attributes.keys()].some((id) => id > 1 && attributeAccess(object, clientSap, id) !== "none"),
    );
  }

  /** Carries out a request. Each item has its own result; nothing here throws for what a client asked. */
  handle(request: ServiceRequest, context: Omit<RequestContext, "device">): ServiceResponse {
    const full: RequestContext = { ...context, device: this };
    switch (request.service) {
      case "get":
        return { service: "get", results: request.items.map((item) => this.#get(item, full)) };
      case "set":
        return { service: "set", results: request.items.map((item) => this.#set(item, full)) };
      case "access":
        return this.#access(request, full);
      case "action":
        return { service: "action", results: request.items.map((item) => this.#invoke(item, full)) };
    }
  }

  /** The least protection of the response by the rights to what is asked for: the strongest of all items. */
  responseProtection(request: ServiceRequest, clientSap: number): ProtectionBits {
    const items: readonly AccessItem[] | readonly GetItem[] | readonly ActionItem[] = request.items;
    return strongestResponse(
      items.flatMap((item) => {
        const reference = "method" in item ? item.method : item.attribute;
        const object = this.#known(reference);
        if (object === undefined) return [];
        if ("methodId" in reference) return methodProtection(object, clientSap, reference.methodId);
        // Attribute 0 is all of them.
        const ids = reference.attributeId === 0 ? [...object.attributes.keys()] : [reference.attributeId];
        return ids.flatMap((id) => attributeProtection(object, clientSap, id));
      }),
    );
  }

  /** Item by item, in order: what one writes the next one reads (Green Book 9.3.9). */
  #access(request: AccessServiceRequest, context: RequestContext): AccessServiceResponse {
    const { items, dateTime, breakOnError } = request;
    let broken = false;
    const results = items.map((item) => {
      const result = broken ? { kind: item.kind, result: accessResult.otherReason } : this.#accessItem(item, context);
      broken ||= breakOnError === true && result.result !== accessResult.success;
      return result;
    });
    // A client that tells the time is told the meter's.
    const now = dateTime && CosemDateTime.fromDate(context.now, { utcOffsetMinutes: 0 }).octets;
    return { service: "access", results, ...(now && { dateTime: now }) };
  }

  #accessItem(item: AccessItem, context: RequestContext): AccessItemResult {
    if (item.kind === "set") return { kind: "set", result: this.#set(item, context) };
    if (item.kind === "action") {
      const { result, returned } = this.#invoke(item, context);
      return { kind: "action", result, ...(returned?.ok === true && { data: returned.data }) };
    }
    const read = this.#get(item, context);
    return read.ok ? { kind: "get", result: 0, data: read.data } : { kind: "get", result: read.result };
  }

  #get({ attribute: reference, access }: GetItem, context: RequestContext): DataResult {
    const data = attempt(() => {
      if (reference.attributeId === 0 && access === undefined) return encodeData(this.#allOf(reference, context));
      const attribute = this.#attribute(reference, "read", context);
      if (access === undefined) return encoded(attribute.get(context));
      if (attribute.select === undefined) throw new Refusal(accessResult.scopeOfAccessViolated);
      return encoded(attribute.select(access, context));
    });
    return typeof data === "number" ? { ok: false, result: data } : { ok: true, data };
  }

  /** Attribute 0: all attributes in order; null-data for one that this client may not read. */
  #allOf(reference: GetItem["attribute"], context: RequestContext): Data {
    const ids = [...this.#object(reference).attributes.keys()].sort((a, b) => a - b);
    const values = Array.from({ length: ids.at(-1) ?? 0 }, (_, index): Data => {
      const read = this.#get({ attribute: { ...reference, attributeId: index + 1 } }, context);
      return read.ok ? decodeData(read.data) : { type: "null-data" };
    });
    return { type: "structure", value: values };
  }

  #set({ attribute: reference, access, value }: SetItem, context: RequestContext): number {
    const result = attempt(() => {
      const attribute = this.#attribute(reference, "write", context);
      if (access !== undefined || attribute.set === undefined) throw new Refusal(accessResult.readWriteDenied);
      attribute.set(decodeData(value), context);
    });
    return result ?? accessResult.success;
  }

  #invoke({ method: reference, parameter }: ActionItem, context: RequestContext): ActionOutcome {
    const returned = attempt(() => {
      const object = this.#object(reference);
      const method: MockMethod | undefined = object.methods.get(reference.methodId);
      if (method === undefined) throw new Refusal(accessResult.objectUndefined);
      if (!methodAccess(object, context.clientSap, reference.methodId)) throw new Refusal(accessResult.readWriteDenied);
      checkProtection(methodProtection(object, context.clientSap, reference.methodId), context);
      return method(parameter === undefined ? undefined : decodeData(parameter), context) ?? ("nothing" as const);
    });
    if (typeof returned === "number") return { result: returned };
    if (returned === "nothing") return { result: accessResult.success };
    return { result: accessResult.success, returned: { ok: true, data: encodeData(returned) } };
  }

  #attribute(reference: GetItem["attribute"], want: "read" | "write", context: RequestContext): MockAttribute {
    const object = this.#object(reference);
    const attribute = object.attributes.get(reference.attributeId);
    if (attribute === undefined) throw new Refusal(accessResult.objectUndefined);
    const granted = attributeAccess(object, context.clientSap, reference.attributeId);
    if (granted !== want && granted !== "read-write") throw new Refusal(accessResult.readWriteDenied);
    checkProtection(attributeProtection(object, context.clientSap, reference.attributeId), context);
    return attribute;
  }

  #object({ classId, instanceId }: Reference): MockObject {
    const object = this.#known({ classId, instanceId });
    if (object === undefined) throw new Refusal(accessResult.objectUndefined);
    if (object.classId !== classId) throw new Refusal(accessResult.objectClassInconsistent);
    return object;
  }

  #known({ classId, instanceId }: Reference): MockObject | undefined {
    return this.#objects.get(keyOf(classId, instanceId)) ?? this.find(instanceId);
  }
}

/** A request weaker than the right is denied (IEC 62056-6-2, access_mode). */
function checkProtection({ request }: DemandedProtection, { protection, signed = false }: RequestContext): void {
  if (!coversBits({ ...protectionBits(protection), signed }, request)) throw new Refusal(accessResult.readWriteDenied);
}

const associationSn = 12;

/** Each name stands for one object, but the associations by logical and by short names share theirs. */
function keyOf(classId: number, logicalName: Uint8Array): string {
  return classId === associationSn ? `sn ${toHex(logicalName)}` : toHex(logicalName);
}

/** What `run` gives, or the number of the result it was refused with. */
function attempt<T>(run: () => T): T | number {
  try {
    return run();
  } catch (error) {
    if (error instanceof Refusal) return error.result;
    // A value that does not decode, or decodes to another type than the attribute has.
    if (DlmsError.is(error)) return accessResult.typeUnmatched;
    throw error;
  }
}

function encoded(value: Data | Uint8Array): Uint8Array {
  return value instanceof Uint8Array ? value : encodeData(value);
}
