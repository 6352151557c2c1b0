import { dlmsError } from "../base/index.js";
import type { GeneralCipher } from "../security/index.js";

/** What sets one APDU apart from others under the same protection. */
export interface Sealing {
  /** Under the global broadcast key, to many meters at once. */
  readonly broadcast?: boolean;
  /** It answers nothing: a meter's notification. */
  readonly unsolicited?: boolean;
}

/** The form that APDUs are given. */
export interface Form {
  readonly ciphering: "service" | "general" | "general-ciphering";
  /** Of general-ciphering. */
  readonly key: GeneralCipher["key"];
  /** Of the request that is answered; each request has a new one. */
  readonly transactionId?: Uint8Array;
}

/** Tags of APDUs that carry other APDUs under protection. */
export const isCiphered = (tag: number | undefined): boolean =>
  tag !== undefined &&
  ((tag >= 0x21 && tag <= 0x28) ||
    (tag >= 0x40 && tag <= 0x58) ||
    (tag >= 0xc8 && tag <= 0xd7) ||
    (tag >= 0xdb && tag <= 0xdf));

/** Tags of APDUs under the dedicated key. */
export const isDedicated = (tag: number | undefined): boolean =>
  tag !== undefined && ((tag >= 0x41 && tag <= 0x58) || (tag >= 0xd0 && tag <= 0xd7) || tag === 0xdc);

/** Tags of general-glo-ciphering and general-ded-ciphering. */
export const isGeneral = (tag: number | undefined): boolean => tag === 0xdb || tag === 0xdc;

/** Tags of general-ciphering and general-signing. */
export const isLayer = (tag: number | undefined): boolean => tag === 0xdd || tag === 0xdf;
export const generalCipheringTag = 0xdd;

/** Layers within each other: ciphered, signed, and one more of each. */
export const deepestLayers = 4;

/** What is ciphered under the broadcast key is answered under the unicast one. */
export const keyOfAnswer = (key: Form["key"] | undefined): Form["key"] =>
  key === undefined || key === "broadcast" ? "unicast" : key;

export const keyUnknown = () =>
  dlmsError("key-unknown", "the message is ciphered with a key that is not configured or agreed on", {
    layer: "association",
  });

export const notGbcs = () =>
  dlmsError("unexpected-message", "the message is ciphered otherwise than the GBCS profile does", {
    layer: "association",
  });
