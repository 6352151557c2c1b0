/** cosem-attribute-descriptor. */
export interface AttributeDescriptor {
  readonly classId: number;
  /** Logical name, six octets. */
  readonly instanceId: Uint8Array;
  /** 0 means all attributes. */
  readonly attributeId: number;
}

/** cosem-method-descriptor. */
export interface MethodDescriptor {
  readonly classId: number;
  /** Logical name, six octets. */
  readonly instanceId: Uint8Array;
  readonly methodId: number;
}

/** selective-access-descriptor; the parameters are encoded Data. */
export interface SelectiveAccessDescriptor {
  readonly selector: number;
  readonly parameters: Uint8Array;
}

/** An attribute, or a selected part of it. */
export interface AttributeWithSelection {
  readonly attribute: AttributeDescriptor;
  readonly access?: SelectiveAccessDescriptor;
}

/** Get-Data-Result: encoded Data, or a data-access-result by its number (see `dataAccessResults`). */
export type GetDataResult =
  | { readonly ok: true; readonly data: Uint8Array }
  | { readonly ok: false; readonly result: number };

/** DataBlock-SA: a block of octets on their way to the server, or of a method's parameters or results. */
export interface DataBlock {
  readonly lastBlock: boolean;
  readonly blockNumber: number;
  readonly rawData: Uint8Array;
}
