/** Variable-Access-Specification; `name` is the 16-bit short name, 0 to 65535. */
export type VariableAccessSpecification =
  | { readonly choice: "variable-name"; readonly name: number }
  | {
      readonly choice: "parameterized-access";
      readonly name: number;
      readonly selector: number;
      readonly parameter: Uint8Array;
    }
  | { readonly choice: "block-number-access"; readonly blockNumber: number }
  | {
      readonly choice: "read-data-block-access";
      readonly lastBlock: boolean;
      readonly blockNumber: number;
      readonly rawData: Uint8Array;
    }
  | { readonly choice: "write-data-block-access"; readonly lastBlock: boolean; readonly blockNumber: number };

export interface ReadRequest {
  readonly type: "read-request";
  readonly variables: readonly VariableAccessSpecification[];
}

export type ReadResult =
  | { readonly choice: "data"; readonly data: Uint8Array }
  | { readonly choice: "data-access-error"; readonly result: number }
  | {
      readonly choice: "data-block-result";
      readonly lastBlock: boolean;
      readonly blockNumber: number;
      readonly rawData: Uint8Array;
    }
  | { readonly choice: "block-number"; readonly blockNumber: number };

export interface ReadResponse {
  readonly type: "read-response";
  readonly results: readonly ReadResult[];
}

export interface WriteRequest {
  readonly type: "write-request";
  readonly variables: readonly VariableAccessSpecification[];
  readonly values: readonly Uint8Array[];
}

export type WriteResult =
  | { readonly choice: "success" }
  | { readonly choice: "data-access-error"; readonly result: number }
  | { readonly choice: "block-number"; readonly blockNumber: number };

export interface WriteResponse {
  readonly type: "write-response";
  readonly results: readonly WriteResult[];
}

export interface UnconfirmedWriteRequest {
  readonly type: "unconfirmed-write-request";
  readonly variables: readonly VariableAccessSpecification[];
  readonly values: readonly Uint8Array[];
}

export interface InformationReportRequest {
  readonly type: "information-report-request";
  /** GeneralizedTime, its characters as octets. */
  readonly currentTime?: Uint8Array;
  readonly variables: readonly VariableAccessSpecification[];
  readonly values: readonly Uint8Array[];
}
