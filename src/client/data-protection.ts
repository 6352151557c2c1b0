import { defaultProvider } from "#crypto";
import { dlmsError } from "../base/index.js";
import {
  DataProtection,
  decodeProtectedData,
  encodeProtectedInvocation,
  encodeProtectedRequest,
  layersOf,
  Obis,
  type ObisLike,
  type ProtectedAttribute,
  type ProtectionLayer,
} from "../cosem/index.js";
import { type Data, decodeData, encodeData, structure } from "../data/index.js";
import {
  checkLayers,
  type DataLayer,
  type DataLayerKind,
  type DataLayerRequest,
  GeneralProtection,
  type GeneralProtectionOptions,
  openData,
  type ProtectionLike,
  protectData,
  protectionBits,
  strengthOf,
} from "../security/index.js";
import { type Meter, sessionOf } from "./meter.js";
import type { ReadOptions } from "./profile-source.js";

/** An attribute to be read or written under protection. */
export interface ProtectedItem {
  readonly classId: number;
  readonly obis: ObisLike;
  readonly attributeId: number;
}

/** One layer of protection; a key is needed by all but signatures. */
export interface WantedLayer {
  readonly kind: DataLayerKind;
  readonly key?: NonNullable<DataLayerRequest["key"]>;
  readonly otherInformation?: Uint8Array;
}

/**
 * Keys of the party that protects and opens, and who the other party is. What is sent under the unicast key counts with
 * the session's counter unless `counter` is given.
 */
export interface ProtectedDataOptions
  extends Omit<GeneralProtectionOptions, "crypto" | "systemTitle" | "requires" | "shared" | "profile"> {
  readonly crypto?: GeneralProtectionOptions["crypto"];
  /** Own system title, eight octets. */
  readonly systemTitle: Uint8Array;
  /** The meter's. Default: as it named itself. */
  readonly meterSystemTitle?: Uint8Array;
  /** The least protection of what comes. Default: what was asked for. */
  readonly requires?: ProtectionLike;
}

/**
 * Reads and writes attributes through a Data protection object (class 30): protected on their own, from party to party,
 * whatever association carries them.
 * @throws UsageError `invalid-argument` when the meter's system title is not known.
 */
export function protectedData(meter: Meter, obis: ObisLike, options: ProtectedDataOptions): ProtectedAttributes {
  return new ProtectedAttributes(meter, obis, options);
}

/** Made by `protectedData`. */
export class ProtectedAttributes {
  readonly #object;
  readonly #options: ProtectedDataOptions;
  readonly #protection: GeneralProtection;
  readonly #crypto: GeneralProtectionOptions["crypto"];
  readonly #meter: Uint8Array;

  constructor(meter: Meter, obis: ObisLike, options: ProtectedDataOptions) {
    const title = options.meterSystemTitle ?? sessionOf(meter).negotiated.peerSystemTitle;
    if (title === undefined)
      throw dlmsError("invalid-argument", "the meter's system title is not known: give meterSystemTitle", {
        layer: "client",
      });
    this.#meter = title;
    this.#object = meter.object(DataProtection, obis);
    this.#options = options;
    this.#crypto = options.crypto ?? defaultProvider;
    // Layers are held against what is required as a whole.
    const { counter = sessionOf(meter).counter } = options;
    const keys = { ...options, ...(counter !== undefined && { counter }) };
    this.#protection = new GeneralProtection({ ...keys, crypto: this.#crypto, requires: "none" });
  }

  /**
   * Values of attributes, under these layers (the first one innermost). The meter makes the keys.
   * @throws SecurityError `weaker-than-policy` when it protects less; RefusedError; and what opening throws.
   */
  async get(
    items: readonly ProtectedItem[],
    layers: readonly WantedLayer[],
    options?: ReadOptions,
  ): Promise<readonly Data[]> {
    const wanted = layers.map((layer) => this.#asked(layer));
    const request = encodeProtectedRequest({ objects: items.map(whole), layers: wanted });
    const returned = decodeProtectedData(await this.#object.getProtectedAttributes(request, callOptions(options)));
    return this.#open(returned.data, returned.layers, this.#options.requires ?? strengthOf(layers), items.length);
  }

  /** Writes values under these layers. @throws RefusedError, and `key-unknown` and the like. */
  async set(
    items: readonly ProtectedItem[],
    values: readonly Data[],
    layers: readonly WantedLayer[],
    options?: ReadOptions,
  ): Promise<void> {
    if (values.length !== items.length)
      throw dlmsError("invalid-argument", `${values.length} values for ${items.length} attributes`, {
        layer: "client",
      });
    const protectedValues = this.#protect(values, layers);
    const request = encodeProtectedRequest({ objects: items.map(whole), ...protectedValues });
    await this.#object.setProtectedAttributes(request, callOptions(options));
  }

  /**
   * Invokes a method, its parameter under these layers, and what it returns under such layers of the meter's making;
   * undefined when it returns nothing. Never repeated by itself.
   * @throws RefusedError; SecurityError `weaker-than-policy` and what opening throws.
   */
  async invoke(
    method: { readonly classId: number; readonly obis: ObisLike; readonly methodId: number },
    parameter: Data | undefined,
    layers: readonly WantedLayer[],
    options?: ReadOptions,
  ): Promise<Data | undefined> {
    const { classId, obis, methodId } = method;
    const request = encodeProtectedInvocation({
      method: { classId, logicalName: Obis.from(obis), methodIndex: methodId },
      ...this.#protect(parameter === undefined ? [] : [parameter], layers),
      answer: layers.map((layer) => this.#asked(layer)),
    });
    const returned = decodeProtectedData(await this.#object.invokeProtectedMethod(request, callOptions(options)));
    const required = this.#options.requires ?? strengthOf(layers);
    return this.#open(returned.data, returned.layers, required, undefined)[0];
  }

  /** What protection_buffer holds, under the layers of protection_parameters_get. @throws as `get`. */
  async readBuffer(options?: ReadOptions): Promise<readonly Data[]> {
    const parameters = await this.#object.protectionParametersGet.get(callOptions(options));
    const layers = layersOf(parameters);
    const data = await this.#object.protectionBuffer.get(callOptions(options));
    return this.#open(data, layers, this.#options.requires ?? strengthOf(layers), undefined);
  }

  #protect(values: readonly Data[], layers: readonly WantedLayer[]) {
    const requests = layers.map(({ kind, key, otherInformation }) => ({
      kind,
      header: this.#header(this.#options.systemTitle, this.#meter, otherInformation),
      ...(key !== undefined && { key }),
    }));
    return protectData(this.#protection, encodeData(structure(...values)), requests);
  }

  #open(
    data: Uint8Array,
    layers: readonly ProtectionLayer[],
    required: ProtectionLike,
    count: number | undefined,
  ): readonly Data[] {
    checkLayers(layers, protectionBits(required));
    const opened = openData(this.#protection, this.#options.suite, data, layers as readonly DataLayer[]);
    const values = decodeData(opened);
    if (values.type === "structure" && (count === undefined || values.value.length === count)) return values.value;
    throw dlmsError("unexpected-type", "the protected data are no structure of the values", { layer: "client" });
  }

  /** A layer for the meter to make: the key of its own making has no data yet. */
  #asked({ kind, key = "wrapped", otherInformation }: WantedLayer): ProtectionLayer {
    const header = this.#header(this.#meter, this.#options.systemTitle, otherInformation);
    return kind === "digital-signature" ? { kind, header } : { kind, header, keyInfo: keyInfos[key] };
  }

  #header(originator: Uint8Array, recipient: Uint8Array, otherInformation: Uint8Array = nothing) {
    return {
      transactionId: this.#crypto.randomBytes(transactionIdLength),
      originatorSystemTitle: originator,
      recipientSystemTitle: recipient,
      otherInformation,
    };
  }
}

const transactionIdLength = 8;
const nothing = new Uint8Array(0);
const keyInfos = {
  unicast: { choice: "identified-key", keyId: 0 },
  broadcast: { choice: "identified-key", keyId: 1 },
  wrapped: { choice: "wrapped-key", kekId: 0, keyCipheredData: nothing },
  "one-pass": { choice: "agreed-key", keyParameters: Uint8Array.of(1), keyCipheredData: nothing },
  static: { choice: "agreed-key", keyParameters: Uint8Array.of(2), keyCipheredData: nothing },
} as const;

/** The whole attribute. */
function whole({ classId, obis, attributeId }: ProtectedItem): ProtectedAttribute {
  return {
    classId,
    logicalName: Obis.from(obis),
    attributeIndex: attributeId,
    dataIndex: 0,
    restriction: { restrictionType: "none", restrictionValue: undefined },
  };
}

function callOptions({ signal }: ReadOptions = {}) {
  return signal === undefined ? {} : { signal };
}
