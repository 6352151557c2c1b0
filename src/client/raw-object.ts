import type { GetOptions, Obis, WriteCallOptions } from "../cosem/index.js";
import { type Data, decodeData, encodeData } from "../data/index.js";
import type { ObjectSource } from "./object-source.js";

/** An object of any class, known or not, by the numbers of its attributes and methods. */
export class RawObject {
  readonly classId: number;
  readonly obis: Obis;
  readonly #source: ObjectSource;

  constructor(source: ObjectSource, classId: number, obis: Obis) {
    this.#source = source;
    this.classId = classId;
    this.obis = obis;
  }

  /** Reads an attribute; 0 is all of them, where the meter grants that. @throws RefusedError `access-refused`. */
  async get(attributeId: number, options: GetOptions = {}): Promise<Data> {
    const reference = { classId: this.classId, instanceId: this.obis.octets, attributeId };
    return decodeData(await this.#source.getEncoded(reference, options.selection, options));
  }

  /** Writes an attribute. @throws RefusedError; TransportError with `outcomeUnknown` when no answer came. */
  async set(attributeId: number, value: Data, options: WriteCallOptions = {}): Promise<void> {
    const reference = { classId: this.classId, instanceId: this.obis.octets, attributeId };
    await this.#source.set(reference, encodeData(value), options);
  }

  /** Invokes a method; what it returns, if anything. @throws as `set`. */
  async invoke(methodId: number, parameter?: Data, options: WriteCallOptions = {}): Promise<Data | undefined> {
    const reference = { classId: this.classId, instanceId: this.obis.octets, methodId };
    const encoded = parameter === undefined ? undefined : encodeData(parameter);
    const returned = await this.#source.invoke(reference, encoded, options);
    return returned === undefined ? undefined : decodeData(returned);
  }
}
