export interface InitiateRequest {
  readonly type: "initiate-request";
  /** A secret where present. */
  readonly dedicatedKey?: Uint8Array;
  readonly responseAllowed: boolean;
  readonly proposedQualityOfService?: number;
  readonly proposedDlmsVersionNumber: number;
  /** 24 bits, bit 0 of the standard is the highest: see `conformanceBits`. */
  readonly proposedConformance: number;
  /** Octets; 0 means no limit. */
  readonly clientMaxReceivePduSize: number;
}

export interface InitiateResponse {
  readonly type: "initiate-response";
  readonly negotiatedQualityOfService?: number;
  readonly negotiatedDlmsVersionNumber: number;
  /** 24 bits: see `conformanceBits`. */
  readonly negotiatedConformance: number;
  /** Octets; 0 means no limit. */
  readonly serverMaxReceivePduSize: number;
  /** 0x0007 with logical names, 0xFA00 with short names. */
  readonly vaaName: number;
}
