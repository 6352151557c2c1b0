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
  /** The method returns nothing: with short names it is then invoked by Write, else by Read. */
  readonly returnsNothing?: boolean;
}

/** One item of an ACCESS (Green Book 9.3.9): reads, writes and methods may stand side by side, in order. */
export type AccessItem =
  | ({ readonly kind: "get" } & GetItem)
  | ({ readonly kind: "set" } & SetItem)
  | ({ readonly kind: "action" } & ActionItem);

/** ACCESS.request: carried out item by item, in order, each with a result of its own. */
export interface AccessServiceRequest {
  readonly service: "access";
  readonly items: readonly AccessItem[];
  /** COSEM date-time of twelve octets; none when left out. */
  readonly dateTime?: Uint8Array;
  /** The response repeats what was asked. */
  readonly selfDescriptive?: boolean;
  /** Stop at the first item that fails; those after it are not carried out. */
  readonly breakOnError?: boolean;
}

/** Result of one item: data-access-result or action-result (0 is success), and the encoded Data that came with it. */
export interface AccessItemResult {
  readonly kind: AccessItem["kind"];
  readonly result: number;
  readonly data?: Uint8Array;
}

export interface AccessServiceResponse {
  readonly service: "access";
  readonly results: readonly AccessItemResult[];
  /** The meter's date-time, where it gives one. */
  readonly dateTime?: Uint8Array;
}

/** A request of a client. One item goes as the normal form, several as a list (or one by one where not granted). */
export type PlainRequest =
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
export type PlainResponse =
  | { readonly service: "get"; readonly results: readonly DataResult[] }
  | { readonly service: "set"; readonly results: readonly number[] }
  | { readonly service: "action"; readonly results: readonly ActionOutcome[] };

/** A request of a client: of one service, or an ACCESS of several. */
export type ServiceRequest = PlainRequest | AccessServiceRequest;
export type ServiceResponse = PlainResponse | AccessServiceResponse;

/** True when the request changes something: its answer lost, nobody knows whether it did. */
export function changesSomething(request: ServiceRequest): boolean {
  return request.service === "access" ? request.items.some(({ kind }) => kind !== "get") : request.service !== "get";
}
