import {
  type Apdu,
  actionResults,
  applicationContexts,
  associateDiagnostics,
  associationResults,
  authenticationMechanisms,
  confirmedServices,
  conformanceNames,
  dataAccessResults,
  exceptionServiceErrors,
  exceptionStateErrors,
  nameIn,
  type PartialApdu,
  releaseRequestReasons,
  releaseResponseReasons,
  serviceErrorNames,
} from "../apdu/index.js";
import { toHex } from "../base/index.js";
import { bitText } from "../data/index.js";
import { dateTimeText, encodedDataJson, obisText } from "./data-json.js";
import type { Json, Problem } from "./types.js";

/** Names of numbers, by the field that holds them. */
const numberNames: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  stateError: exceptionStateErrors,
  serviceError: exceptionServiceErrors,
  service: confirmedServices,
};
const textNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  applicationContextName: applicationContexts,
  mechanismName: authenticationMechanisms,
};
/** Fields that hold encoded Data. */
const dataFields = new Set(["data", "body", "parameter", "parameters", "value", "values"]);
/** Types whose `result` is an action-result; elsewhere it is a data-access-result. */
const actionTypes = new Set(["action-response"]);
const hidden = (octets: Uint8Array) => `(${octets.length} octets, not shown)`;

/** The fields of an APDU as JSON; what was ciphered or nested is left to the caller. */
export function apduJson(apdu: Apdu | PartialApdu, fail: (problem: Problem) => void): Json {
  const { choice, mechanismName } = apdu as { choice?: string; mechanismName?: string };
  const rawBlock = apdu.type === "get-response" && choice === "with-datablock";
  const password = mechanismName === authenticationMechanisms.low;
  const json = new FieldWriter(apdu.type, { rawBlock, password }, fail).object(apdu as unknown as Json);
  if (apdu.type === "confirmed-service-error") {
    const { category, value } = apdu as unknown as { category: number; value: number };
    return { ...json, ...serviceErrorNames(category, value) };
  }
  return json;
}

/** What only the whole APDU tells. */
interface Marks {
  /** The result is a block of an encoding, not an encoding. */
  readonly rawBlock: boolean;
  /** The authentication value is a password, not a challenge. */
  readonly password: boolean;
}

class FieldWriter {
  readonly #type: string;
  readonly #marks: Marks;
  readonly #fail: (problem: Problem) => void;

  constructor(type: string, marks: Marks, fail: (problem: Problem) => void) {
    this.#type = type;
    this.#marks = marks;
    this.#fail = fail;
  }

  object(value: Json): Json {
    const json: Json = {};
    for (const [key, field] of Object.entries(value)) {
      if (field === undefined || key === "ok") continue;
      Object.assign(json, this.#field(key, field, value));
    }
    return json;
  }

  #field(key: string, field: unknown, parent: Json): Json {
    if (field instanceof Uint8Array) return this.#octets(key, field);
    if (Array.isArray(field)) return { [key]: field.map((item) => this.#item(key, item)) };
    if (typeof field === "bigint") return { [key]: field.toString() };
    if (typeof field === "number") return { [key]: field, ...this.#numberName(key, field, parent) };
    if (typeof field === "string") {
      const table = textNames[key];
      const name = table && nameIn(table, field);
      return name === undefined ? { [key]: field } : { [key]: field, [`${key}Text`]: name };
    }
    if (typeof field === "object" && field !== null) return { [key]: this.#nested(key, field as Json) };
    return { [key]: field };
  }

  #nested(key: string, field: Json): unknown {
    const { length, bytes } = field as { length?: number; bytes?: Uint8Array };
    if (typeof length === "number" && bytes instanceof Uint8Array) return bitText({ length, bytes });
    if (key === "callingAuthenticationValue" || key === "respondingAuthenticationValue")
      return this.#authentication(field);
    return this.object(field);
  }

  #item(key: string, item: unknown): unknown {
    if (item instanceof Uint8Array) return dataFields.has(key) ? encodedDataJson(item, this.#fail) : toHex(item);
    if (typeof item === "number") return { result: item, ...this.#numberName("result", item, {}) };
    return typeof item === "object" && item !== null ? this.object(item as Json) : item;
  }

  #octets(key: string, octets: Uint8Array): Json {
    if (key === "instanceId") return { [key]: toHex(octets), obis: obisText(octets) };
    if (key === "dedicatedKey") return { [key]: hidden(octets) };
    if (key === "dateTime" || key === "time" || key === "currentTime") {
      const text = dateTimeText(octets);
      return { [key]: octets.length === 0 ? null : toHex(octets), ...(text !== undefined && { [`${key}Text`]: text }) };
    }
    if (!dataFields.has(key)) return { [key]: toHex(octets) };
    if (this.#marks.rawBlock) return { rawData: toHex(octets) };
    return { [key]: encodedDataJson(octets, this.#fail) };
  }

  #authentication(field: Json): Json {
    const { choice, value } = field as { choice: string; value: unknown };
    if (!(value instanceof Uint8Array)) return { choice, value: this.#nested("", value as Json) };
    return { choice, value: this.#marks.password ? hidden(value) : toHex(value) };
  }

  #numberName(key: string, value: number, parent: Json): Json {
    const name = this.#nameOf(key, value, parent);
    return name === undefined ? {} : { [`${key}Text`]: name };
  }

  #nameOf(key: string, value: number, parent: Json): string | undefined {
    if (/conformance$/i.test(key)) return conformanceNames(value).join(" ");
    if (key === "result") {
      if (this.#type === "aare") return nameIn(associationResults, value);
      const isAction = parent["choice"] === "action" || (actionTypes.has(this.#type) && parent["ok"] === undefined);
      return nameIn(isAction ? actionResults : dataAccessResults, value);
    }
    if (key === "diagnostic")
      return nameIn(associateDiagnostics[parent["source"] as keyof typeof associateDiagnostics] ?? {}, value);
    if (key === "reason") return nameIn(this.#type === "rlrq" ? releaseRequestReasons : releaseResponseReasons, value);
    const table = numberNames[key];
    return table && nameIn(table, value);
  }
}
