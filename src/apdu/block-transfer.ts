import { dlmsError } from "../base/index.js";
import { type Codec, octetString, struct, unsigned16 } from "../codec/index.js";

/** General-Block-Transfer (Green Book 9.4.6.13, tag E0). */
export interface GeneralBlockTransfer {
  readonly type: "general-block-transfer";
  readonly lastBlock: boolean;
  readonly streaming: boolean;
  /** Blocks in a row that the sender of this APDU can receive, 0 to 63. */
  readonly window: number;
  readonly blockNumber: number;
  readonly blockNumberAck: number;
  readonly blockData: Uint8Array;
}

type BlockControl = Pick<GeneralBlockTransfer, "lastBlock" | "streaming" | "window">;

const blockControl: Codec<BlockControl> = {
  encode(writer, { lastBlock, streaming, window }) {
    if (!Number.isInteger(window) || window < 0 || window > 63)
      throw dlmsError("value-does-not-fit", `a window of ${window} is not from 0 to 63`, { layer: "apdu" });
    writer.u8(window | (streaming ? 0x40 : 0) | (lastBlock ? 0x80 : 0));
  },
  decode(reader) {
    const octet = reader.u8();
    return { lastBlock: (octet & 0x80) !== 0, streaming: (octet & 0x40) !== 0, window: octet & 0x3f };
  },
};

const fields = struct(
  { type: "general-block-transfer" },
  { blockControl, blockNumber: unsigned16, blockNumberAck: unsigned16, blockData: octetString },
);

export const generalBlockTransfer: Codec<GeneralBlockTransfer> = {
  encode: (writer, value) => fields.encode(writer, { ...value, blockControl: value }),
  decode(reader, context) {
    const { type, blockControl: control, ...rest } = fields.decode(reader, context);
    return { type, ...control, ...rest };
  },
};
