export interface GeneralBlockTransfer {
  readonly type: "general-block-transfer";
  readonly lastBlock: boolean;
  readonly streaming: boolean;
  /** 0 to 63. */
  readonly window: number;
  readonly blockNumber: number;
  readonly blockNumberAck: number;
  readonly blockData: Uint8Array;
}
