/** invoke-id-and-priority: one octet that pairs a response with its request (Green Book 9.5, Invoke-Id-And-Priority). */
export interface InvokeIdAndPriority {
  /** 0 to 15. */
  readonly invokeId: number;
  /** Service class: an answer is wanted. */
  readonly confirmed: boolean;
  readonly highPriority: boolean;
  /** Bits 4 and 5 where they are not zero, so that any octet survives. */
  readonly reserved?: number;
}

/** long-invoke-id-and-priority: four octets (Green Book 9.5, Long-Invoke-Id-And-Priority). */
export interface LongInvokeIdAndPriority {
  /** 0 to 16777215. */
  readonly invokeId: number;
  readonly selfDescriptive: boolean;
  /** Processing option: stop at the first failing item of a list. */
  readonly breakOnError: boolean;
  /** Service class: an answer is wanted. */
  readonly confirmed: boolean;
  readonly highPriority: boolean;
  /** Bits 24 to 27 where they are not zero. */
  readonly reserved?: number;
}
