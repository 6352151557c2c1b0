/**
 * The services as client and meter see them, free of how they are carried: normal, list, blocks, general block
 * transfer, or short names. Values stay encoded (A-XDR COSEM Data) so that whoever knows the type decodes once.
 */

/** One attribute of one object. */
export interface AttributeReference {
  readonly classId: number;
  /** Logical name, six octets. */
  readonly instanceId: Uint8Array;
  /** 1 upwards; 0 means all attributes, where the meter grants that. */
  readonly attributeId: number;
}

/** One method of one object. */
export interface MethodReference {
  readonly classId: number;
  readonly instanceId: Uint8Array;
  readonly methodId: number;
}

/** Selective access: the selector and its parameters as encoded Data. */
export interface SelectiveAccess {
  readonly selector: number;
  readonly parameters: Uint8Array;
}

export interface GetItem {
  readonly attribute: AttributeReference;
  readonly access?: SelectiveAccess;
}

export interface SetItem extends GetItem {
  /** Encoded Data. */
  readonly value: Uint8Array;
}

export interface ActionItem {
  readonly method: MethodReference;
  /** Encoded Data; left out when the method takes none. */
  readonly parameter?: Uint8Array;
}

/** A request of a client. One item goes as the normal form, several as a list (or one by one where not granted). */
export type ServiceRequest =
  | { readonly service: "get"; readonly items: readonly GetItem[] }
  | { readonly service: "set"; readonly items: readonly SetItem[] }
  | { readonly service: "action"; readonly items: readonly ActionItem[] };

/** Encoded Data, or the data-access-result by its number in the standard. */
export type DataResult =
  | { readonly ok: true; readonly data: Uint8Array }
  | { readonly ok: false; readonly result: number };

/** action-result by its number (0 is success) and, where the method returns something, that. */
export interface ActionOutcome {
  readonly result: number;
  readonly returned?: DataResult;
}

/** Results in the order of the items. `set` results are data-access-result numbers, 0 is success. */
export type ServiceResponse =
  | { readonly service: "get"; readonly results: readonly DataResult[] }
  | { readonly service: "set"; readonly results: readonly number[] }
  | { readonly service: "action"; readonly results: readonly ActionOutcome[] };
