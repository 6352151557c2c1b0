import { dlmsError } from "../base/index.js";
import type { Codec } from "../codec/index.js";

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

export const invokeIdAndPriority: Codec<InvokeIdAndPriority> = {
  encode(writer, { invokeId, confirmed, highPriority, reserved = 0 }) {
    checkField(invokeId, 0x0f, "invoke-id");
    checkField(reserved, 3, "reserved");
    writer.u8(invokeId | (reserved << 4) | (confirmed ? 0x40 : 0) | (highPriority ? 0x80 : 0));
  },
  decode(reader) {
    const octet = reader.u8();
    const reserved = (octet >> 4) & 3;
    const value = { invokeId: octet & 0x0f, confirmed: (octet & 0x40) !== 0, highPriority: (octet & 0x80) !== 0 };
    return reserved === 0 ? value : { ...value, reserved };
  },
};

export const longInvokeIdAndPriority: Codec<LongInvokeIdAndPriority> = {
  encode(writer, { invokeId, selfDescriptive, breakOnError, confirmed, highPriority, reserved = 0 }) {
    checkField(invokeId, 0xffffff, "long invoke-id");
    checkField(reserved, 0x0f, "reserved");
    const flags =
      reserved |
      (selfDescriptive ? 0x10 : 0) |
      (breakOnError ? 0x20 : 0) |
      (confirmed ? 0x40 : 0) |
      (highPriority ? 0x80 : 0);
    writer
      .u8(flags)
      .u8(invokeId >>> 16)
      .u16(invokeId & 0xffff);
  },
  decode(reader) {
    const flags = reader.u8();
    const reserved = flags & 0x0f;
    const value = {
      invokeId: (reader.u8() << 16) | reader.u16(),
      selfDescriptive: (flags & 0x10) !== 0,
      breakOnError: (flags & 0x20) !== 0,
      confirmed: (flags & 0x40) !== 0,
      highPriority: (flags & 0x80) !== 0,
    };
    return reserved === 0 ? value : { ...value, reserved };
  },
};

function checkField(value: number, maximum: number, name: string): void {
  if (!Number.isInteger(value) || value < 0 || value > maximum)
    throw dlmsError("value-does-not-fit", `${name} ${value} is not from 0 to ${maximum}`, { layer: "apdu" });
}
