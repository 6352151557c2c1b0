import {
  type ActionOutcome,
  type AttributeReference,
  accessRefusal,
  type DataResult,
  type GetItem,
  type MethodReference,
  type Negotiated,
  type SelectiveAccess,
} from "../association/index.js";
import { type AbortSignalLike, type DlmsError, dlmsError } from "../base/index.js";
import { type InterfaceClass, Obis, type ScalerUnit } from "../cosem/index.js";
import { AsyncQueue } from "./async-queue.js";
import type { ProfileSource, ReadOptions, ValuePart } from "./profile-source.js";
import type { CurrentSession } from "./reassociation.js";

/** How one write or method is carried out. */
export interface WriteOptions extends ReadOptions {
  /** Ask again when no answer comes: only where twice does what once does. */
  readonly retry?: boolean;
  /** `false` asks for no answer. */
  readonly confirmed?: boolean | undefined;
}

/** What is known of the method that is invoked. */
export interface InvokeOptions extends WriteOptions {
  /** Table of its class. */
  readonly table?: InterfaceClass;
  /** True when the table gives the method no result. */
  readonly returnsNothing?: boolean;
}

/** Encoded values of attributes and methods, over one session. What objects have in common is kept here. */
export class ObjectSource implements ProfileSource {
  readonly session: CurrentSession;
  readonly #scalers = new Map<string, ScalerUnit>();

  constructor(session: CurrentSession) {
    this.session = session;
  }

  get negotiated(): Negotiated {
    return this.session.negotiated;
  }

  get clock() {
    return this.session.clock;
  }

  async getEncoded(
    attribute: AttributeReference,
    access?: SelectiveAccess,
    options: ReadOptions = {},
  ): Promise<Uint8Array> {
    this.#named(attribute);
    const { results } = await this.session.request(
      { service: "get", items: [access === undefined ? { attribute } : { attribute, access }] },
      howToRead(options),
    );
    return dataOf(results[0] as DataResult, attributeText(attribute));
  }

  async getList(items: readonly GetItem[], options: ReadOptions = {}): Promise<readonly DataResult[]> {
    const named = items.filter(({ attribute }) => this.unnamed(attribute) === undefined);
    if (named.length === 0) return items.map(() => undefinedObject);
    const results = await this.#getNamed(named, options);
    if (named.length === items.length) return results;
    return items.map((item) => results[named.indexOf(item)] ?? undefinedObject);
  }

  async #getNamed(items: readonly GetItem[], options: ReadOptions): Promise<readonly DataResult[]> {
    const { conformance } = this.negotiated;
    // A list does the same in as few octets; ACCESS is for meters that know no lists.
    if (items.length > 1 && conformance.has("access") && !conformance.has("multiple-references"))
      return await this.#getByAccess(items, options);
    const { results } = await this.session.request({ service: "get", items }, howToRead(options));
    return results as readonly DataResult[];
  }

  async #getByAccess(items: readonly GetItem[], options: ReadOptions): Promise<readonly DataResult[]> {
    const reads = items.map((item) => ({ kind: "get" as const, ...item }));
    const response = await this.session.request({ service: "access", items: reads }, howToRead(options));
    const results = response.service === "access" ? response.results : [];
    return results.map(({ result, data }) => (data === undefined ? { ok: false, result } : { ok: true, data }));
  }

  async *getParts(
    attribute: AttributeReference,
    access?: SelectiveAccess,
    options: ReadOptions = {},
  ): AsyncGenerator<ValuePart, void, undefined> {
    this.#named(attribute);
    const stop = new StopSignal(options.signal);
    const queue = new AsyncQueue<ValuePart>();
    const item = access === undefined ? { attribute } : { attribute, access };
    this.session
      .request(
        { service: "get", items: [item] },
        { ...howToRead(options), streaming: true, signal: stop },
        (part) => void queue.push(part),
      )
      .then(({ results }) => {
        dataOf(results[0] as DataResult, attributeText(attribute));
        queue.finish();
      })
      .catch((error: unknown) => queue.finish({ error }));
    try {
      for (let next = await queue.next(); next.done !== true; next = await queue.next()) yield next.value;
    } finally {
      queue.finish();
      stop.abort();
    }
  }

  async set(attribute: AttributeReference, value: Uint8Array, options: WriteOptions = {}): Promise<void> {
    this.#named(attribute);
    const { results } = await this.session.request(
      { service: "set", items: [{ attribute, value }] },
      howToWrite(options),
    );
    if (options.confirmed === false) return;
    const result = results[0] as number;
    if (result !== 0) throw accessRefusal(result, attributeText(attribute));
  }

  /** What the method returns, encoded; undefined when it returns nothing. */
  async invoke(
    method: MethodReference,
    parameter: Uint8Array | undefined,
    options: InvokeOptions = {},
  ): Promise<Uint8Array | undefined> {
    const { table, confirmed = true } = options;
    // What is not confirmed returns nothing: with short names it is invoked by UnconfirmedWrite.
    const returnsNothing = options.returnsNothing === true || !confirmed;
    if (table !== undefined) this.session.shortNames?.learnClass(table);
    this.#named(method);
    const item = {
      method,
      ...(parameter !== undefined && { parameter }),
      ...(returnsNothing && { returnsNothing }),
    };
    const { results } = await this.session.request({ service: "action", items: [item] }, howToWrite(options));
    if (!confirmed) return undefined;
    const { result, returned } = results[0] as ActionOutcome;
    if (result !== 0) throw accessRefusal(result, methodText(method));
    return returned === undefined ? undefined : dataOf(returned, methodText(method));
  }

  /** Why the attribute cannot be asked for in this association; undefined when it can. */
  unnamed(reference: AttributeReference): DlmsError | undefined {
    return this.session.shortNames?.missing(reference);
  }

  /** @throws NotSupportedError `not-supported` when the meter gives it no short name and is addressed by them. */
  #named(reference: AttributeReference | MethodReference): void {
    const missing = this.session.shortNames?.missing(reference);
    if (missing !== undefined) throw missing;
  }

  notice(name: string, message: string): void {
    this.session.session.notice({ type: "notice", name, message }, "client");
  }

  /** Scaler and unit of an object that were read before. */
  knownScaler(attribute: AttributeReference): ScalerUnit | undefined {
    return this.#scalers.get(scalerKey(attribute));
  }

  keepScaler(attribute: AttributeReference, scaler: ScalerUnit): void {
    this.#scalers.set(scalerKey(attribute), scaler);
  }
}

/** A read as the session carries it out. */
export function howToRead({ signal, priority, protection, responseProtection }: ReadOptions) {
  return { signal, highPriority: priority === "high", protection, responseProtection };
}

/** A write likewise. */
export function howToWrite({ retry = false, confirmed = true, ...options }: WriteOptions) {
  return { ...howToRead(options), retry, unconfirmed: !confirmed };
}

/** What a meter says to an object that it does not have (data-access-result 4). */
const undefinedObject: DataResult = { ok: false, result: 4 };

/** For people: `register 1-0:1.8.0*255 attribute 2`. */
export function attributeText(
  { classId, instanceId, attributeId }: AttributeReference,
  table?: InterfaceClass,
): string {
  return `${table?.name ?? `class ${classId}`} ${Obis.fromOctets(instanceId).toString()} attribute ${attributeId}`;
}

/** For people: `class 70 0-0:96.3.10*255 method 1`. */
export function methodText({ classId, instanceId, methodId }: MethodReference): string {
  return `class ${classId} ${Obis.fromOctets(instanceId).toString()} method ${methodId}`;
}

/** The encoded value. @throws RefusedError `access-refused` naming the object. */
export function dataOf(result: DataResult | undefined, what: string): Uint8Array {
  if (result === undefined) throw dlmsError("unexpected-message", `${what}: no result came`, { layer: "client" });
  if (!result.ok) throw accessRefusal(result.result, what);
  return result.data;
}

function scalerKey({ classId, instanceId, attributeId }: AttributeReference): string {
  return `${classId}/${instanceId.join(".")}/${attributeId}`;
}

/** A signal that also fires when the consumer leaves. */
class StopSignal implements AbortSignalLike {
  readonly #outer: AbortSignalLike | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #onOuter = () => this.abort();
  #aborted = false;

  constructor(outer: AbortSignalLike | undefined) {
    this.#outer = outer;
    if (outer?.aborted === true) this.#aborted = true;
    else outer?.addEventListener("abort", this.#onOuter);
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#outer?.reason;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }

  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#outer?.removeEventListener("abort", this.#onOuter);
    for (const listener of [...this.#listeners]) listener();
  }
}
