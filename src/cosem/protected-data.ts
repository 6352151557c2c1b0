/** Parameters of Data protection (class 30) and of protected pushes as plain values. */
import { dlmsError } from "../base/index.js";
import { type Data, enumeration as enumOf, octets, structure } from "../data/index.js";
import { protectionParameters, restrictedCapture } from "./classes/records.js";
import { array, structure as recordOf } from "./composite-types.js";
import { int8, logicalName, uint16 } from "./simple-types.js";
import type { ValueOf } from "./value-type.js";

/** How the key of a layer is named. */
export type LayerKeyInfo =
  | { readonly choice: "identified-key"; readonly keyId: number }
  | { readonly choice: "wrapped-key"; readonly kekId: number; readonly keyCipheredData: Uint8Array }
  | { readonly choice: "agreed-key"; readonly keyParameters: Uint8Array; readonly keyCipheredData: Uint8Array };

/** One layer: what it does, who the parties are, and how the key is named. A signature needs none. */
export interface ProtectionLayer {
  readonly kind: "authentication" | "encryption" | "authentication-encryption" | "digital-signature";
  readonly header: {
    readonly transactionId: Uint8Array;
    readonly originatorSystemTitle: Uint8Array;
    readonly recipientSystemTitle: Uint8Array;
    readonly otherInformation: Uint8Array;
  };
  readonly keyInfo?: LayerKeyInfo;
}

/** An attribute whose value is protected with others. */
export type ProtectedAttribute = ValueOf<typeof restrictedCapture>;

type Parameters = ValueOf<typeof protectionParameters>;

/** Layers as protection_parameters has them. */
export function protectionParametersOf(layers: readonly ProtectionLayer[]): Parameters {
  return layers.map(({ kind, header, keyInfo }) => ({
    protectionType: kind,
    protectionOptions: { ...header, keyInfo: keyInfoValue(keyInfo) },
  }));
}

/** @throws DecodeError `unexpected-type` for a kind or key that is none of the class. */
export function layersOf(parameters: Parameters): ProtectionLayer[] {
  return parameters.map(({ protectionType, protectionOptions: { keyInfo, ...header } }) => {
    if (typeof protectionType === "number") throw unexpected(`protection type ${protectionType}`);
    if (protectionType === "digital-signature") return { kind: protectionType, header };
    return { kind: protectionType, header, keyInfo: keyInfoOf(keyInfo) };
  });
}

/** What get_protected_attributes and set_protected_attributes are given: objects, layers, and the data to set. */
export interface ProtectedRequest {
  readonly objects: readonly ProtectedAttribute[];
  readonly layers: readonly ProtectionLayer[];
  readonly data?: Uint8Array;
}

const objectList = /* @__PURE__ */ array(restrictedCapture);

/** The parameter of both methods. */
export function encodeProtectedRequest({ objects, layers, data }: ProtectedRequest): Data {
  const parameters = protectionParameters.encode(protectionParametersOf(layers));
  return structure(objectList.encode([...objects]), parameters, ...(data === undefined ? [] : [octets(data)]));
}

/** @throws DecodeError `unexpected-type`. */
export function decodeProtectedRequest(parameter: Data): ProtectedRequest {
  const [objects, parameters, data] = fields(parameter, 2);
  return {
    objects: objectList.decode(objects as Data),
    layers: layersOf(protectionParameters.decode(parameters as Data)),
    ...(data?.type === "octet-string" && { data: data.value }),
  };
}

/** What invoke_protected_method is given: the method, its parameter under layers, and the layers of what it returns. */
export interface ProtectedInvocation extends ProtectedData {
  readonly method: ValueOf<typeof objectMethod>;
  readonly answer: readonly ProtectionLayer[];
}

const objectMethod = /* @__PURE__ */ recordOf({ classId: uint16, logicalName, methodIndex: int8 });

export function encodeProtectedInvocation({ method, layers, data, answer }: ProtectedInvocation): Data {
  const parameters = (of: readonly ProtectionLayer[]) => protectionParameters.encode(protectionParametersOf(of));
  return structure(objectMethod.encode(method), parameters(layers), octets(data), parameters(answer));
}

/** @throws DecodeError `unexpected-type`. */
export function decodeProtectedInvocation(parameter: Data): ProtectedInvocation {
  const [method, parameters, data, answer] = fields(parameter, 4);
  if (data?.type !== "octet-string") throw unexpected("a protected parameter that is no octet string");
  return {
    method: objectMethod.decode(method as Data),
    layers: layersOf(protectionParameters.decode(parameters as Data)),
    data: data.value,
    answer: layersOf(protectionParameters.decode(answer as Data)),
  };
}

/** Protected data with the layers that are around them, as get_protected_attributes returns them. */
export interface ProtectedData {
  readonly layers: readonly ProtectionLayer[];
  readonly data: Uint8Array;
}

export function encodeProtectedData({ layers, data }: ProtectedData): Data {
  return structure(protectionParameters.encode(protectionParametersOf(layers)), octets(data));
}

/** @throws DecodeError `unexpected-type`. */
export function decodeProtectedData(returned: Data): ProtectedData {
  const [parameters, data] = fields(returned, 2);
  if (data?.type !== "octet-string") throw unexpected("protected data that are no octet string");
  return { layers: layersOf(protectionParameters.decode(parameters as Data)), data: data.value };
}

function fields(data: Data, least: number): readonly Data[] {
  if (data.type !== "structure" || data.value.length < least) throw unexpected(`a ${data.type}`);
  return data.value;
}

const keyKinds = { "identified-key": "identified", "wrapped-key": "wrapped", "agreed-key": "agreed" } as const;

/** A signature names no key; the structure has a place for one all the same. */
function keyInfoValue(keyInfo: LayerKeyInfo = { choice: "identified-key", keyId: 0 }) {
  return { keyInfoType: keyKinds[keyInfo.choice], keyInfoOptions: keyOptions(keyInfo) };
}

function keyOptions(keyInfo: LayerKeyInfo): Data {
  switch (keyInfo.choice) {
    case "identified-key":
      return enumOf(keyInfo.keyId);
    case "wrapped-key":
      return structure(enumOf(keyInfo.kekId), octets(keyInfo.keyCipheredData));
    case "agreed-key":
      return structure(octets(keyInfo.keyParameters), octets(keyInfo.keyCipheredData));
  }
}

function keyInfoOf({ keyInfoType, keyInfoOptions }: ReturnType<typeof keyInfoValue> | KeyInfoAsRead): LayerKeyInfo {
  // Some write the number of an identified key as it is, others in a structure of its own.
  const parts = keyInfoOptions.type === "structure" ? keyInfoOptions.value : [keyInfoOptions];
  const [first, second] = parts;
  if (keyInfoType === "identified" && first?.type === "enum") return { choice: "identified-key", keyId: first.value };
  if (second?.type !== "octet-string") throw unexpected(`key info ${keyInfoType}`);
  if (keyInfoType === "wrapped" && first?.type === "enum")
    return { choice: "wrapped-key", kekId: first.value, keyCipheredData: second.value };
  if (keyInfoType === "agreed" && first?.type === "octet-string")
    return { choice: "agreed-key", keyParameters: first.value, keyCipheredData: second.value };
  throw unexpected(`key info ${keyInfoType}`);
}

type KeyInfoAsRead = Parameters[number]["protectionOptions"]["keyInfo"];

function unexpected(what: string) {
  return dlmsError("unexpected-type", `${what} is none of Data protection`, { layer: "cosem" });
}
