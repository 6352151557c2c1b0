import { ByteReader, ByteWriter, DlmsError, dlmsError } from "../base/index.js";
import {
  berBitString,
  berField,
  berFields,
  berInteger,
  type Codec,
  type DecodeContext,
  type Infer,
  objectIdentifier,
  optionalBerField,
  readLength,
  readTlv,
  remainder,
  tagged,
  writeLength,
  writeTlv,
} from "../codec/index.js";
import { associationResults } from "./enumerations.js";
import { tellTolerance } from "./tolerances.js";

const octets = tagged(0x04, remainder);
const integer = tagged(0x02, berInteger);
const identifier = tagged(0x06, objectIdentifier);

/** Tags of the Authentication-value CHOICE. */
const authenticationTags = { charstring: 0x80, bitstring: 0x81, external: 0xa2, other: 0xa3 } as const;

/** Authentication-value: a password or challenge is a secret. `external` and `other` keep their encoded contents. */
export type AuthenticationValue =
  | { readonly choice: "charstring" | "external" | "other"; readonly value: Uint8Array }
  | { readonly choice: "bitstring"; readonly value: Infer<typeof berBitString> };

const authenticationValue: Codec<AuthenticationValue> = {
  encode(writer, value) {
    writeTlv(writer, authenticationTags[value.choice], (contents) => {
      if (value.choice === "bitstring") berBitString.encode(contents, value.value);
      else contents.bytes(value.value);
    });
  },
  decode(reader, context) {
    const offset = reader.offset;
    const { tag, contents } = readTlv(reader);
    if (tag === authenticationTags.bitstring)
      return { choice: "bitstring", value: berBitString.decode(contents, context) };
    for (const choice of ["charstring", "external", "other"] as const)
      if (tag === authenticationTags[choice]) return { choice, value: remainder.decode(contents, context) };
    throw dlmsError("malformed", `unknown choice ${tag} of an authentication value`, {
      layer: "apdu",
      offset,
      expected: "80 charstring, 81 bitstring, A2 external, A3 other",
    });
  },
};

/** implementation-information is a GraphicString: primitive, though some write the constructed tag. */
const implementationInformation = optionalBerField(0x9d, remainder, 0xbd);
/** An xDLMS APDU, plain or ciphered: see `decodeApdu`. */
const userInformation = optionalBerField(0xbe, octets);

const aarqFields = berFields(
  { type: "aarq" },
  {
    protocolVersion: optionalBerField(0x80, berBitString),
    /** Object identifier in dotted form: see `applicationContexts`. */
    applicationContextName: berField(0xa1, identifier),
    calledApTitle: optionalBerField(0xa2, octets),
    calledAeQualifier: optionalBerField(0xa3, octets),
    calledApInvocationId: optionalBerField(0xa4, integer),
    calledAeInvocationId: optionalBerField(0xa5, integer),
    /** System title of the client, where the context is ciphered. */
    callingApTitle: optionalBerField(0xa6, octets),
    /** Certificate of the client, in newer editions. */
    callingAeQualifier: optionalBerField(0xa7, octets),
    callingApInvocationId: optionalBerField(0xa8, integer),
    /** Client user identification; a peer that writes 128 and above in one octet is read as negative. */
    callingAeInvocationId: optionalBerField(0xa9, integer),
    /** Bit 0 is the authentication functional unit. */
    senderAcseRequirements: optionalBerField(0x8a, berBitString),
    /** Object identifier in dotted form: see `authenticationMechanisms`. */
    mechanismName: optionalBerField(0x8b, objectIdentifier),
    callingAuthenticationValue: optionalBerField(0xac, authenticationValue),
    implementationInformation,
    userInformation,
  },
);
/** A-ASSOCIATE request (Green Book 9.4.2, tag 60). */
export interface Aarq extends Infer<typeof aarqFields> {}

/** Servers of Gurux repeat their system title here, under the tag that it has in an AARQ. */
const integerOrTitle: Codec<number | undefined> = {
  encode(writer, value) {
    if (value !== undefined) integer.encode(writer, value);
  },
  decode(reader, context) {
    if (reader.peek() !== octetStringTag) return integer.decode(reader, context);
    octets.decode(reader, context);
    tellTolerance(context, "title-as-invocation-id");
    return undefined;
  },
};

const diagnostic = berFields(
  {},
  {
    user: optionalBerField(0xa1, integer),
    provider: optionalBerField(0xa2, integer),
  },
);

/** result-source-diagnostic: see `associateDiagnostics`. */
export interface ResultSourceDiagnostic {
  readonly source: "acse-service-user" | "acse-service-provider";
  readonly diagnostic: number;
}

const resultSourceDiagnostic: Codec<ResultSourceDiagnostic> = {
  encode: (writer, { source, diagnostic: value }) =>
    diagnostic.encode(writer, source === "acse-service-user" ? { user: value } : { provider: value }),
  decode(reader, context) {
    const offset = reader.offset;
    const { user, provider } = diagnostic.decode(reader, context);
    if (user !== undefined) return { source: "acse-service-user", diagnostic: user };
    if (provider !== undefined) return { source: "acse-service-provider", diagnostic: provider };
    throw dlmsError("malformed", "a diagnostic of neither user nor provider", {
      layer: "apdu",
      offset,
      expected: "A1 or A2",
    });
  },
};

const aareFields = berFields(
  { type: "aare" },
  {
    protocolVersion: optionalBerField(0x80, berBitString),
    /** Object identifier in dotted form: see `applicationContexts`. */
    applicationContextName: berField(0xa1, identifier),
    /** See `associationResults`. */
    result: berField(0xa2, integer),
    resultSourceDiagnostic: berField(0xa3, resultSourceDiagnostic),
    /** System title of the server, where the context is ciphered. */
    respondingApTitle: optionalBerField(0xa4, octets),
    respondingAeQualifier: optionalBerField(0xa5, octets),
    respondingApInvocationId: optionalBerField(0xa6, integerOrTitle),
    respondingAeInvocationId: optionalBerField(0xa7, integer),
    /** Bit 0 is the authentication functional unit. */
    responderAcseRequirements: optionalBerField(0x88, berBitString),
    /** Object identifier in dotted form: see `authenticationMechanisms`. */
    mechanismName: optionalBerField(0x89, objectIdentifier),
    respondingAuthenticationValue: optionalBerField(0xaa, authenticationValue),
    implementationInformation,
    userInformation,
  },
);
/** A-ASSOCIATE response (tag 61). */
export interface Aare extends Infer<typeof aareFields> {}

const rlrqFields = berFields(
  { type: "rlrq" },
  {
    /** See `releaseRequestReasons`. */
    reason: optionalBerField(0x80, berInteger),
    userInformation,
  },
);
/** A-RELEASE request (tag 62). */
export interface Rlrq extends Infer<typeof rlrqFields> {}

const rlreFields = berFields(
  { type: "rlre" },
  {
    /** See `releaseResponseReasons`. */
    reason: optionalBerField(0x80, berInteger),
    userInformation,
  },
);
/** A-RELEASE response (tag 63). */
export interface Rlre extends Infer<typeof rlreFields> {}

export const aarq = withLength<Aarq>(aarqFields);
export const aare = withLength<Aare>(aareFields, noticesOfAare);
export const rlrq = withLength<Rlrq>(rlrqFields);
export const rlre = withLength<Rlre>(rlreFields, () => {});

function noticesOfAare(value: Aare, context: DecodeContext): void {
  if (value.protocolVersion !== undefined) tellTolerance(context, "protocol-version-explicit");
  if (value.userInformation === undefined && value.result === associationResults.accepted)
    tellTolerance(context, "user-information-missing");
}

const userInformationTag = 0xbe;
const octetStringTag = 0x04;
/** Lengths from here on take more than one octet. */
const longForm = 0x80;

/**
 * An ACSE APDU: its length and its fields. With `check` the length may be short of what follows, as some servers
 * send it, and `check` tells other oddities.
 */
function withLength<T extends { readonly userInformation?: Uint8Array }>(
  fields: Codec<T>,
  check?: (value: T, context: DecodeContext) => void,
): Codec<T> {
  return {
    encode(writer, value) {
      const contents = new ByteWriter();
      fields.encode(contents, value);
      writeLength(writer, contents.length);
      writer.bytes(contents.finish());
    },
    decode(reader, context) {
      const length = readLength(reader);
      const start = reader.offset;
      const isShort = check !== undefined && length < reader.remaining;
      const mended = isShort ? withWholeUserInformation(reader) : undefined;
      if (mended !== undefined) {
        reader.advance(reader.remaining);
        const whole = fields.decode(new ByteReader(mended, 0, mended.length), context);
        tellTolerance(context, "acse-length-short");
        check?.(whole, context);
        return whole;
      }
      const end = isShort && holdsFieldsOnly(reader) ? reader.end : start + length;
      reader.advance(end - start);
      const decoded = fields.decode(new ByteReader(reader.bytes, start, end), context);
      const value = isShort ? withRest(decoded, reader) : decoded;
      if (isShort && reader.remaining === 0) tellTolerance(context, "acse-length-short");
      check?.(value, context);
      return value;
    },
  };
}

/** True when whole fields of the context class fill the input up to its end. */
function holdsFieldsOnly(reader: ByteReader): boolean {
  const ahead = new ByteReader(reader.bytes, reader.offset, reader.end);
  try {
    while (ahead.remaining > 0) if ((readTlv(ahead).tag & 0xc0) !== 0x80) return false;
    return true;
  } catch (error) {
    if (DlmsError.is(error)) return false;
    throw error;
  }
}

/**
 * The fields with the length of the user-information put right, where the APDU in it fills the input up to its end but
 * the lengths around it are short. Undefined where that is not what is wrong.
 */
function withWholeUserInformation(reader: ByteReader): Uint8Array | undefined {
  const contents = reader.bytes.subarray(reader.offset, reader.end);
  const ahead = new ByteReader(contents, 0, contents.length);
  try {
    while (contents[ahead.offset] !== userInformationTag) readTlv(ahead);
  } catch (error) {
    if (DlmsError.is(error)) return undefined;
    throw error;
  }
  const at = ahead.offset;
  const [length = 0, tag, size = 0] = contents.subarray(at + 1, at + 4);
  const rest = contents.length - at - 2;
  const isShort = length < rest && rest < longForm && tag === octetStringTag && size === rest - 2;
  return isShort ? Uint8Array.from(contents, (octet, index) => (index === at + 1 ? rest : octet)) : undefined;
}

/** Where every length up to the user-information is short, that takes what is left: its own APDU must fit exactly. */
function withRest<T extends { readonly userInformation?: Uint8Array }>(value: T, reader: ByteReader): T {
  const { userInformation: information } = value;
  if (information === undefined || reader.remaining === 0) return value;
  const start = information.byteOffset - reader.bytes.byteOffset;
  if (start + information.length !== reader.offset) return value;
  reader.advance(reader.remaining);
  return { ...value, userInformation: reader.bytes.subarray(start, reader.end) };
}
