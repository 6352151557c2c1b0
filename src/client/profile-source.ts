import type { AttributeReference, DataResult, GetItem, Negotiated, SelectiveAccess } from "../association/index.js";
import type { AbortSignalLike } from "../base/index.js";
import type { ProtectionWish } from "../cosem/index.js";
import type { Clock } from "../transport/index.js";

/** How one read is carried out. */
export interface ReadOptions {
  readonly signal?: AbortSignalLike | undefined;
  /** Priority bit, where the meter grants priority management. Default `normal`. */
  readonly priority?: "normal" | "high" | undefined;
  /** The least protection of the request; it never makes it weaker. */
  readonly protection?: ProtectionWish | undefined;
  /** The least protection of the answer. Default: as `protection`. */
  readonly responseProtection?: ProtectionWish | undefined;
}

/** A piece of an encoded value, in order. */
export interface ValuePart {
  readonly data: Uint8Array;
  /** From 1; the answer that was not in blocks is one part. */
  readonly blockNumber: number;
  readonly last: boolean;
}

/** What a reader of profiles needs of a session: encoded values, whole or as their blocks arrive. */
export interface ProfileSource {
  /** What was agreed on: conformance, PDU size. */
  readonly negotiated: Negotiated;
  readonly clock: Clock;
  /**
   * One attribute, encoded.
   * @throws RefusedError `access-refused`; TransportError.
   */
  getEncoded(attribute: AttributeReference, access?: SelectiveAccess, options?: ReadOptions): Promise<Uint8Array>;
  /** Several attributes in as few requests as the meter allows; a result for each. */
  getList(items: readonly GetItem[], options?: ReadOptions): Promise<readonly DataResult[]>;
  /**
   * One attribute, handed out as its blocks arrive. Leaving the loop early cancels the transfer. The next block is
   * asked for while the one before is worked on.
   */
  getParts(attribute: AttributeReference, access?: SelectiveAccess, options?: ReadOptions): AsyncIterable<ValuePart>;
  /** Tells the trace of a tolerance that fired. */
  notice(name: string, message: string): void;
}
