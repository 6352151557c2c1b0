/** What the client hands out for an object: types only, derived from the class tables one step deep. */
import type { AbortSignalLike } from "../base/index.js";
import type { Data } from "../data/index.js";
import type { ProtectionWish } from "./access-rights.js";
import type { AttributeSpec, InterfaceClass, MethodSpec, ScaledSpec } from "./define.js";
import type { Obis } from "./obis.js";
import type { Quantity } from "./quantity.js";

/** Options of one call. */
export interface CallOptions {
  /** Ends the wait; what was sent may still have happened. */
  readonly signal?: AbortSignalLike;
  /**
   * Priority bit of the request: a meter serves high ones first. Sent where the meter grants priority management,
   * left out elsewhere. Default `normal`.
   */
  readonly priority?: "normal" | "high";
  /**
   * The least protection of the request, where the association and the rights to the object do not demand as much. It
   * never makes it weaker.
   */
  readonly protection?: ProtectionWish;
  /** The least protection of the answer: a weaker one is refused (`weaker-than-policy`). Default: as `protection`. */
  readonly responseProtection?: ProtectionWish;
}

/** Options of a write or a method. */
export interface WriteCallOptions extends CallOptions {
  /**
   * `false` asks for no answer: it is sent once, and nothing tells whether the meter took it, nor what a method
   * returned. Over HDLC it goes in a UI frame. Default true.
   */
  readonly confirmed?: boolean;
}

/** Selective access: the selector and its parameters as encoded Data. */
export interface Selection {
  readonly selector: number;
  readonly parameters: Uint8Array;
}

export interface GetOptions extends CallOptions {
  /** Reads only a part, where the attribute allows that. */
  readonly selection?: Selection;
}

/** One attribute of one object in the meter. Nothing is read before a method is called. */
export interface AttributeHandle<T> {
  readonly interfaceClass: InterfaceClass;
  readonly obis: Obis;
  /** Name of the attribute in the class table. */
  readonly name: string;
  readonly attributeId: number;
  /** Reads the attribute. */
  get(options?: GetOptions): Promise<T>;
  /** Reads it as it is on the wire, whatever the table says. */
  getData(options?: GetOptions): Promise<Data>;
  /** Writes it. */
  set(value: T, options?: WriteCallOptions): Promise<void>;
  /** Writes any value, whatever the table says. */
  setData(value: Data, options?: WriteCallOptions): Promise<void>;
}

/** A measured value with scaler and unit, which are read once and kept. */
export interface ScaledHandle extends Omit<AttributeHandle<Quantity>, "set"> {
  /** Reads the number as it is on the wire. */
  getRaw(options?: GetOptions): Promise<number | bigint>;
}

/** One method of one object. Unconfirmed it gives nothing, whatever the method returns. */
export type MethodHandle<Parameter, Result> = {
  (parameter: Parameter, options: WriteCallOptions & { readonly confirmed: false }): Promise<void>;
  (parameter: Parameter, options?: WriteCallOptions): Promise<Result>;
};

/** An object of the meter: a handle for each row of its class table. */
export type ObjectHandle<C extends InterfaceClass> = {
  readonly logicalName: AttributeHandle<Obis>;
} & {
  readonly [K in keyof C["attributes"]]: C["attributes"][K] extends ScaledSpec
    ? ScaledHandle
    : C["attributes"][K] extends AttributeSpec<infer T>
      ? AttributeHandle<T>
      : never;
} & {
  readonly [K in keyof C["methods"]]: C["methods"][K] extends MethodSpec<infer P, infer R> ? MethodHandle<P, R> : never;
};
