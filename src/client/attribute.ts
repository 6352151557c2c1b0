import type { AttributeReference, DataResult, GetItem } from "../association/index.js";
import { dlmsError } from "../base/index.js";
import {
  type AnyAttribute,
  type AttributeHandle,
  attributeNamed,
  decodeAttribute,
  encodeAttribute,
  type GetOptions,
  type InterfaceClass,
  numberOf,
  type Obis,
  Quantity,
  type ScaledHandle,
  type ScalerUnit,
  type WriteCallOptions,
} from "../cosem/index.js";
import { type Data, decodeData, encodeData } from "../data/index.js";
import { attributeText, dataOf, type ObjectSource } from "./object-source.js";

/** One attribute of one object: a name and nothing else until it is asked. */
export class Attribute<T> implements AttributeHandle<T> {
  readonly interfaceClass: InterfaceClass;
  readonly obis: Obis;
  readonly name: string;
  readonly #source: ObjectSource;
  readonly #spec: AnyAttribute;

  constructor(source: ObjectSource, table: InterfaceClass, obis: Obis, name: string, spec: AnyAttribute) {
    this.#source = source;
    this.interfaceClass = table;
    this.obis = obis;
    this.name = name;
    this.#spec = spec;
  }

  get attributeId(): number {
    return this.#spec.id;
  }

  /** The session it belongs to: `readAll` takes no others. */
  get source(): ObjectSource {
    return this.#source;
  }

  get reference(): AttributeReference {
    return { classId: this.interfaceClass.id, instanceId: this.obis.octets, attributeId: this.#spec.id };
  }

  async get(options?: GetOptions): Promise<T> {
    return this.decode(await this.#read(options));
  }

  async getData(options?: GetOptions): Promise<Data> {
    return decodeData(await this.#read(options));
  }

  async set(value: T, options?: WriteCallOptions): Promise<void> {
    await this.setData(this.encode(value), options);
  }

  /** A value of its type as Data. @throws UsageError `value-does-not-fit`. */
  encode(value: T): Data {
    return encodeAttribute(this.interfaceClass, this.name, value as never);
  }

  async setData(value: Data, options?: WriteCallOptions): Promise<void> {
    await this.#source.set(this.reference, encodeData(value), options);
  }

  /** What has to be read for the value: the attribute itself, and whatever its meaning hangs on. */
  items(): readonly GetItem[] {
    return [{ attribute: this.reference }];
  }

  /** The value out of the results of `items`. @throws RefusedError, DecodeError. */
  fromResults(results: readonly DataResult[]): T {
    return this.decode(dataOf(results[0], this.text));
  }

  protected get text(): string {
    return attributeText(this.reference, this.interfaceClass);
  }

  protected decode(encoded: Uint8Array): T {
    return decodeAttribute(this.interfaceClass, this.name, decodeData(encoded)) as T;
  }

  #read(options: GetOptions | undefined): Promise<Uint8Array> {
    return this.#source.getEncoded(this.reference, options?.selection, options);
  }
}

/** A number with scaler and unit, which are read once for each object. */
export class ScaledAttribute extends Attribute<Quantity> implements ScaledHandle {
  readonly #scaledBy: string;

  constructor(
    source: ObjectSource,
    table: InterfaceClass,
    obis: Obis,
    name: string,
    spec: AnyAttribute,
    scaledBy: string,
  ) {
    super(source, table, obis, name, spec);
    this.#scaledBy = scaledBy;
  }

  override async get(options?: GetOptions): Promise<Quantity> {
    const scaler = await this.#scaler(options);
    return Quantity.fromData(await this.getData(options), scaler);
  }

  async getRaw(options?: GetOptions): Promise<number | bigint> {
    const raw = numberOf(await this.getData(options));
    if (raw !== undefined) return raw;
    throw dlmsError("unexpected-type", `${this.text} is no number`, { layer: "client", expected: "a number" });
  }

  override async set(): Promise<void> {
    this.encode();
  }

  override encode(): never {
    throw dlmsError("invalid-argument", `${this.text} is measured: write it with setData`, { layer: "client" });
  }

  override items(): readonly GetItem[] {
    const scaler = this.#scalerReference;
    const own = super.items();
    return this.source.knownScaler(scaler) === undefined ? [...own, { attribute: scaler }] : own;
  }

  override fromResults(results: readonly DataResult[]): Quantity {
    const data = decodeData(dataOf(results[0], this.text));
    const known = this.source.knownScaler(this.#scalerReference);
    return Quantity.fromData(data, known ?? this.#keep(dataOf(results[1], `scaler and unit of ${this.text}`)));
  }

  async #scaler(options: GetOptions | undefined): Promise<ScalerUnit> {
    const reference = this.#scalerReference;
    const known = this.source.knownScaler(reference);
    if (known !== undefined) return known;
    return this.#keep(await this.source.getEncoded(reference, undefined, options));
  }

  get #scalerReference(): AttributeReference {
    return { ...this.reference, attributeId: attributeNamed(this.interfaceClass, this.#scaledBy).id };
  }

  #keep(encoded: Uint8Array): ScalerUnit {
    const scaler = decodeAttribute(this.interfaceClass, this.#scaledBy, decodeData(encoded)) as unknown as ScalerUnit;
    this.source.keepScaler(this.#scalerReference, scaler);
    return scaler;
  }
}
