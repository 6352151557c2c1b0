export {
  type Alternative,
  alternative,
  type ChoiceCodec,
  type ChoiceOf,
  type Constants,
  choice,
  listOf,
  optional,
  type Shape,
  type StructOf,
  struct,
  trailing,
} from "./axdr.js";
export {
  type BerField,
  berField,
  berFields,
  type OptionalBerField,
  optionalBerField,
  readTlv,
  type Tlv,
  tagged,
  writeTlv,
} from "./ber.js";
export { berBitString, berInteger, objectIdentifier } from "./ber-values.js";
export {
  type Codec,
  type DecodeContext,
  type DecodedField,
  type DecodeListener,
  decodeField,
  type Infer,
  joinPath,
  type OptionalCodec,
  type Simplify,
} from "./codec.js";
export { partialOf, passFailure, withPartial, withPath } from "./failure.js";
export { lengthSize, readLength, writeLength } from "./length.js";
export {
  boolean,
  fixedOctets,
  integer8,
  octetString,
  remainder,
  unsigned8,
  unsigned16,
  unsigned32,
} from "./primitives.js";
