import { dlmsError } from "../base/index.js";
import {
  type Codec,
  type Infer,
  integer8,
  octetString,
  optional,
  struct,
  unsigned8,
  unsigned16,
} from "../codec/index.js";
import { tellTolerance } from "./tolerances.js";

/** BOOLEAN DEFAULT TRUE: 00 stands for the default, else 01 and the value. */
const trueByDefault: Codec<boolean> = {
  encode(writer, value) {
    if (value) writer.u8(0);
    else writer.u8(1).u8(0);
  },
  decode(reader) {
    const offset = reader.offset;
    const flag = reader.u8();
    if (flag > 1) throw dlmsError("malformed", `usage flag ${flag} is neither 0 nor 1`, { layer: "apdu", offset });
    return flag === 0 || reader.u8() !== 0;
  },
};

const conformanceTag = [0x5f, 0x1f] as const;
const conformanceLength = 4;

/** [APPLICATION 31] BIT STRING (SIZE (24)) in BER, inside an A-XDR structure (Green Book 9.5). */
const conformance: Codec<number> = {
  encode(writer, value) {
    if (!Number.isInteger(value) || value < 0 || value > 0xffffff)
      throw dlmsError("value-does-not-fit", `conformance ${value} is not of 24 bits`, { layer: "apdu" });
    writer.u8(conformanceTag[0]).u8(conformanceTag[1]).u8(conformanceLength).u8(0);
    writer.u8(value >>> 16).u16(value & 0xffff);
  },
  decode(reader, context) {
    const offset = reader.offset;
    const isTagged = reader.u8() === conformanceTag[0];
    const isWhole = isTagged && reader.peek() === conformanceTag[1];
    if (isWhole) reader.advance(1);
    if (!isTagged || reader.u8() !== conformanceLength || reader.u8() !== 0)
      throw dlmsError("malformed", "no conformance block", { layer: "apdu", offset, expected: "5F 1F 04 00" });
    if (!isWhole) tellTolerance(context, "conformance-tag-short");
    return (reader.u8() << 16) | reader.u16();
  },
};

export const initiateRequest = struct(
  { type: "initiate-request" },
  {
    /** A secret. */
    dedicatedKey: optional(octetString),
    responseAllowed: trueByDefault,
    proposedQualityOfService: optional(integer8),
    /** 6 in all editions in use. */
    proposedDlmsVersionNumber: unsigned8,
    /** 24 bits, bit 0 of the standard is the highest: see `conformanceBits`. */
    proposedConformance: conformance,
    /** Octets; 0 means no limit. */
    clientMaxReceivePduSize: unsigned16,
  },
);
/** xDLMS InitiateRequest (Green Book 9.5, tag 01), the user-information of an AARQ. */
export type InitiateRequest = Infer<typeof initiateRequest>;

export const initiateResponse = struct(
  { type: "initiate-response" },
  {
    negotiatedQualityOfService: optional(integer8),
    negotiatedDlmsVersionNumber: unsigned8,
    /** 24 bits: see `conformanceBits`. */
    negotiatedConformance: conformance,
    /** Octets; 0 means no limit. */
    serverMaxReceivePduSize: unsigned16,
    /** 0x0007 with logical names, 0xFA00 with short names. */
    vaaName: unsigned16,
  },
);
/** xDLMS InitiateResponse (tag 08), the user-information of an AARE. */
export type InitiateResponse = Infer<typeof initiateResponse>;
