import { DlmsError } from "../base/index.js";
import {
  DataProtection,
  decodeProtectedInvocation,
  decodeProtectedRequest,
  encodeProtectedData,
  Obis,
  type ObisLike,
  type ProtectedAttribute,
  type ProtectionLayer,
  protectionParametersOf,
} from "../cosem/index.js";
import { type Data, decodeData, encodeData, structure } from "../data/index.js";
import {
  checkLayers,
  type DataLayer,
  type DataLayerRequest,
  GeneralProtection,
  type GeneralProtectionOptions,
  openData,
  policyOfCode,
  protectData,
} from "../security/index.js";
import type { MockObject, RequestContext } from "./object.js";
import { accessResult, Refusal } from "./results.js";
import { object } from "./table-object.js";

/** What a Data protection object of the mock meter is made with. */
export interface DataProtectionOptions {
  readonly obis: ObisLike;
  /** Keys of the meter, its own title, and what of the other parties it knows. */
  readonly keys: GeneralProtectionOptions;
  /** Attributes that the buffer holds. */
  readonly objects?: readonly ProtectedAttribute[];
  /** Layers around the buffer when it is read, and those that must be around it when it is written. */
  readonly get?: readonly ProtectionLayer[];
  readonly set?: readonly ProtectionLayer[];
  /** required_protection: bits as in the security policy of version 1. Default 0, nothing. */
  readonly required?: number;
}

/**
 * Data protection (class 30): attributes read and written under a protection of their own, whoever carries them. Whole
 * attributes alone: a restriction or a data index is refused.
 */
export function dataProtectionObject(options: DataProtectionOptions): MockObject {
  // What is too little is for `required` to say.
  const protection = new GeneralProtection({ ...options.keys, requires: "none" });
  const { objects = [], get = [], set = [] } = options;
  const required = policyOfCode(options.required ?? 0, 1);
  const read = (wanted: readonly ProtectedAttribute[], layers: readonly ProtectionLayer[], context: RequestContext) => {
    orDenied(() => checkLayers(layers, required.response));
    const values = structure(...wanted.map((one) => attributeOf(one, context).get(context)).map(asData));
    return orDenied(() => protectData(protection, encodeData(values), layers.map(requestOf)));
  };
  const opened = (octets: Uint8Array, layers: readonly ProtectionLayer[]): readonly Data[] => {
    const values = orDenied(() => {
      checkLayers(layers, required.request);
      return decodeData(openData(protection, options.keys.suite, octets, layers as readonly DataLayer[]));
    });
    if (values.type !== "structure") throw new Refusal(accessResult.typeUnmatched);
    return values.value;
  };
  const write = (
    wanted: readonly ProtectedAttribute[],
    layers: readonly ProtectionLayer[],
    octets: Uint8Array,
    context: RequestContext,
  ) => {
    const values = opened(octets, layers);
    if (values.length !== wanted.length) throw new Refusal(accessResult.typeUnmatched);
    const setters = wanted.map((one) => attributeOf(one, context).set);
    // All or nothing, as far as that can be told beforehand.
    if (setters.some((setter) => setter === undefined)) throw new Refusal(accessResult.readWriteDenied);
    values.forEach((value, i) => void setters[i]?.(value, context));
  };
  return object(
    DataProtection,
    Obis.from(options.obis),
    {
      protectionBuffer: (context) => read(objects, get, context).data,
      protectionObjectList: [...objects],
      protectionParametersGet: protectionParametersOf(get),
      protectionParametersSet: protectionParametersOf(set),
      requiredProtection: options.required ?? 0,
    },
    {
      set: { protectionBuffer: (octets, context) => write(objects, set, octets, context) },
      methods: {
        getProtectedAttributes: (parameter, context) => {
          const asked = decodeProtectedRequest(parameter);
          const { data, layers } = read(asked.objects, asked.layers, context);
          return encodeProtectedData({ data, layers });
        },
        setProtectedAttributes: (parameter, context) => {
          const { objects: wanted, layers, data } = decodeProtectedRequest(parameter);
          if (data === undefined) throw new Refusal(accessResult.typeUnmatched);
          write(wanted, layers, data, context);
        },
        invokeProtectedMethod: (parameter, context) => {
          const { method, layers, data, answer } = decodeProtectedInvocation(parameter);
          orDenied(() => checkLayers(answer, required.response));
          const [given, ...more] = opened(data, layers);
          const found = context.device.find(method.logicalName.octets);
          const carriedOut = found?.classId === method.classId && found.methods.get(method.methodIndex);
          if (!carriedOut || more.length > 0) throw new Refusal(accessResult.objectUndefined);
          const returned = carriedOut(given, context);
          const values = structure(...(returned === undefined ? [] : [returned]));
          const protectedData = orDenied(() => protectData(protection, encodeData(values), answer.map(requestOf)));
          return encodeProtectedData(protectedData);
        },
      },
    },
  );
}

/** The layer to make: what the client asks, its key made here. */
function requestOf({ kind, header, keyInfo }: ProtectionLayer): DataLayerRequest {
  if (kind === "digital-signature" || keyInfo === undefined) return { kind, header };
  return { kind, header, key: keyKindOf(keyInfo) };
}

const onePass = 1;

function keyKindOf(keyInfo: NonNullable<ProtectionLayer["keyInfo"]>): NonNullable<DataLayerRequest["key"]> {
  if (keyInfo.choice === "wrapped-key") return "wrapped";
  if (keyInfo.choice === "identified-key") return keyInfo.keyId === 1 ? "broadcast" : "unicast";
  return keyInfo.keyParameters[0] === onePass ? "one-pass" : "static";
}

function attributeOf(
  { logicalName, classId, attributeIndex, dataIndex, restriction }: ProtectedAttribute,
  context: RequestContext,
) {
  const found = context.device.find(logicalName.octets);
  const attribute = found?.classId === classId ? found.attributes.get(attributeIndex) : undefined;
  if (attribute === undefined || attribute.hidden === true) throw new Refusal(accessResult.objectUndefined);
  if (dataIndex !== 0 || restriction.restrictionType !== "none") throw new Refusal(accessResult.otherReason);
  return attribute;
}

const asData = (value: Data | Uint8Array): Data => (value instanceof Uint8Array ? decodeData(value) : value);

/** What does not hold, or is too weak, is denied without a word about why. */
function orDenied<T>(task: () => T): T {
  try {
    return task();
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    throw new Refusal(accessResult.readWriteDenied);
  }
}
