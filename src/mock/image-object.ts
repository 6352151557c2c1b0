import { concatBytes } from "../base/index.js";
import { array, bits, bool, type Data, enumeration, octets, structure, u32 } from "../data/index.js";
import type { MockObject } from "./object.js";
import { accessResult, Refusal } from "./results.js";

/** image_transfer_status of Image transfer (class 18). */
const status = {
  notInitiated: 0,
  initiated: 1,
  verificationInitiated: 2,
  verificationSuccessful: 3,
  verificationFailed: 4,
  activationInitiated: 5,
  activationSuccessful: 6,
  activationFailed: 7,
} as const;

/** No image of a real meter is larger. */
const largestImage = 16 << 20;

export interface ImageTransferOptions {
  readonly logicalName: Uint8Array;
  readonly blockSize?: number;
  /** Says whether an image that is complete is a good one. */
  verify?(identification: Uint8Array, image: Uint8Array): boolean;
  activated?(identification: Uint8Array, image: Uint8Array): void;
}

/** An Image transfer object that keeps the blocks, knows which are missing, verifies and activates. */
export function imageTransferObject(options: ImageTransferOptions): MockObject {
  const blockSize = options.blockSize ?? 128;
  let state: number = status.notInitiated;
  let identification: Uint8Array = new Uint8Array();
  let blocks: (Uint8Array | undefined)[] = [];
  let size = 0;

  const refuse = (result: number): never => {
    throw new Refusal(result);
  };
  const firstMissing = () => {
    const index = blocks.indexOf(undefined);
    return index === -1 ? blocks.length : index;
  };
  const fields = (parameter: Data | undefined): readonly Data[] =>
    parameter?.type === "structure" ? parameter.value : refuse(accessResult.typeUnmatched);

  const initiate = (parameter: Data | undefined) => {
    const [name, length] = fields(parameter);
    if (name?.type !== "octet-string" || length?.type !== "double-long-unsigned") refuse(accessResult.typeUnmatched);
    else if (length.value > largestImage) refuse(accessResult.otherReason);
    else {
      identification = name.value.slice();
      size = length.value;
      blocks = Array.from<Uint8Array | undefined>({ length: Math.ceil(size / blockSize) });
      state = status.initiated;
    }
    return undefined;
  };
  const block = (parameter: Data | undefined) => {
    const [number, value] = fields(parameter);
    if (number?.type !== "double-long-unsigned" || value?.type !== "octet-string") refuse(accessResult.typeUnmatched);
    else if (state !== status.initiated || number.value >= blocks.length) refuse(accessResult.temporaryFailure);
    else if (value.value.length !== Math.min(blockSize, size - number.value * blockSize))
      refuse(accessResult.typeUnmatched);
    else blocks[number.value] = value.value.slice();
    return undefined;
  };
  const image = () => concatBytes(...blocks.map((part) => part ?? new Uint8Array()));
  const verify = () => {
    if (state !== status.initiated || firstMissing() < blocks.length) refuse(accessResult.temporaryFailure);
    const good = options.verify?.(identification, image()) ?? true;
    state = good ? status.verificationSuccessful : status.verificationFailed;
    if (!good) refuse(accessResult.otherReason);
    return undefined;
  };
  const activate = () => {
    if (state !== status.verificationSuccessful) refuse(accessResult.temporaryFailure);
    state = status.activationSuccessful;
    options.activated?.(identification, image());
    return undefined;
  };
  return {
    classId: 18,
    version: 0,
    logicalName: options.logicalName,
    attributes: new Map([
      [1, { get: () => octets(options.logicalName) }],
      [2, { get: () => u32(blockSize) }],
      [3, { get: () => bits(blocks.map((part) => (part === undefined ? "0" : "1")).join("")) }],
      [4, { get: () => u32(firstMissing()) }],
      [5, { get: () => bool(true) }],
      [6, { get: () => enumeration(state) }],
      [7, { get: () => array(...(size === 0 ? [] : [structure(u32(size), octets(identification), octets("00"))])) }],
    ]),
    methods: new Map([
      [1, initiate],
      [2, block],
      [3, verify],
      [4, activate],
    ]),
  };
}
