import type {
  ClientAssociationOptions,
  Conformance,
  ServerProfile,
  ServiceRequest,
  ServiceResponse,
  ShortNames,
} from "../../src/association/index.js";
import { toHex } from "../../src/base/index.js";
import { clock, everything, hex, octets, register, without } from "./joined.js";

/** Every form of a service that takes several APDUs. */
export interface BlockForm {
  readonly name: string;
  readonly client: ClientAssociationOptions;
  readonly profile: Partial<ServerProfile>;
  readonly request: ServiceRequest;
  readonly response: ServiceResponse;
}

export const method = { classId: 70, instanceId: hex("0000600300FF"), methodId: 1 };
const other = { classId: 9, instanceId: hex("00000A0064FF"), methodId: 1 };
/** What `shortNames` knows, in order. */
export const namedObjects = [clock, register(1), register(2)];

/** Base names 0x0100, 0x0200, ...; the method's is 0x0900. */
export const shortNames: ShortNames = {
  nameOf: (reference) => {
    if ("methodId" in reference) return 0x0900;
    const index = namedObjects.findIndex(({ instanceId }) => toHex(instanceId) === toHex(reference.instanceId));
    return index < 0 ? undefined : 0x0100 * (index + 1) + 8 * (reference.attributeId - 1);
  },
  targetOf: (name) => {
    if (name === 0x0900) return { method };
    const object = namedObjects[(name >> 8) - 1];
    return object && { attribute: { ...object, attributeId: (name & 0xff) / 8 + 1 } };
  },
};

const long = octets(600);
const short = hex("1107");
const gives = (...values: Uint8Array[]): ServiceResponse => ({
  service: "get",
  results: values.map((data) => ({ ok: true, data })),
});
const done = (count: number): ServiceResponse => ({ service: "set", results: Array<number>(count).fill(0) });
const returns = (...values: (Uint8Array | undefined)[]): ServiceResponse => ({
  service: "action",
  results: values.map((data) => ({ result: 0, ...(data && { returned: { ok: true as const, data } }) })),
});

/** What the requests ask and the meter answers, whatever carries it. */
const exchanges: readonly { name: string; request: ServiceRequest; response: ServiceResponse; list?: true }[] = [
  { name: "GET, answer in blocks", request: { service: "get", items: [{ attribute: clock }] }, response: gives(long) },
  {
    name: "GET with list, answer in blocks",
    request: { service: "get", items: [{ attribute: clock }, { attribute: register(1) }] },
    response: gives(long, short),
    list: true,
  },
  {
    name: "SET in blocks",
    request: { service: "set", items: [{ attribute: clock, value: long }] },
    response: done(1),
  },
  {
    name: "SET with list and first block",
    request: {
      service: "set",
      items: [
        { attribute: clock, value: long },
        { attribute: register(1), value: short },
      ],
    },
    response: done(2),
    list: true,
  },
  {
    name: "ACTION, answer in pblocks",
    request: { service: "action", items: [{ method, parameter: short }] },
    response: returns(long),
  },
  {
    name: "ACTION in pblocks both ways",
    request: { service: "action", items: [{ method, parameter: long }] },
    response: returns(long),
  },
  {
    name: "ACTION with list and first pblock",
    request: {
      service: "action",
      items: [
        { method, parameter: long },
        { method: other, parameter: short },
      ],
    },
    response: returns(undefined, short),
    list: true,
  },
];

const general: Conformance = new Set([
  ...without("block-transfer-with-get-or-read", "block-transfer-with-set-or-write", "block-transfer-with-action"),
  "general-block-transfer",
]);
const byShortName: Conformance = new Set([
  "read",
  "write",
  "block-transfer-with-get-or-read",
  "block-transfer-with-set-or-write",
  "multiple-references",
  "parameterized-access",
]);
const generalByShortName: Conformance = new Set([
  "read",
  "write",
  "multiple-references",
  "parameterized-access",
  "general-block-transfer",
]);
const maxPduSize = 128;
const sn = { referencing: "short-name", shortNames } as const;

/** How long messages are carried. */
const carriers: readonly {
  name: string;
  client: ClientAssociationOptions;
  profile: Partial<ServerProfile>;
  lists: boolean;
}[] = [
  { name: "blocks of the service", client: {}, profile: { conformance: everything }, lists: true },
  ...[1, 4, 63].map((blockWindow) => ({
    name: `general blocks, window ${blockWindow}`,
    client: { conformance: new Set([...everything, "general-block-transfer" as const]), blockWindow },
    profile: { conformance: general },
    lists: true,
  })),
  { name: "short names", client: sn, profile: { ...sn, conformance: byShortName }, lists: false },
  {
    name: "short names in general blocks",
    client: { ...sn, conformance: generalByShortName },
    profile: { ...sn, conformance: generalByShortName },
    lists: false,
  },
];

/** Each exchange over each carrier. */
export const blockForms: readonly BlockForm[] = carriers.flatMap(({ name, client, profile, lists }) =>
  exchanges
    .filter(({ list }) => lists || !list)
    .map((exchange) => ({
      name: `${exchange.name}: ${name}`,
      client: { maxPduSize, ...client },
      profile: { maxPduSize, ...profile },
      request: exchange.request,
      response: exchange.response,
    })),
);
