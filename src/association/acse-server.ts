import {
  type Aare,
  type Aarq,
  applicationContexts,
  associationResults,
  authenticationMechanisms,
  conformanceNames,
  conformanceOf,
  decodeApdu,
  encodeApdu,
  type InitiateRequest,
  nameIn,
} from "../apdu/index.js";
import { constantTimeEqual, DlmsError } from "../base/index.js";
import { checkChallenge, type ProtectionBits, SecretKey } from "../security/index.js";
import { contextName, isHighLevel } from "./acse-client.js";
import type { Channel } from "./channel.js";
import { needsTitles } from "./hls.js";
import type { Negotiated } from "./messages.js";
import type { Conformance, ServerProfile } from "./options.js";
import { bitsOf } from "./protection-rules.js";

/** Numbers of result-source-diagnostic, source service-user, that a meter of ours gives. */
const diagnostics = {
  null: 0,
  "no-reason-given": 1,
  "application-context-name-not-supported": 2,
  "calling-AP-title-not-recognized": 3,
  "calling-AE-invocation-identifier-not-recognized": 6,
  "authentication-mechanism-name-not-recognised": 11,
  "authentication-failure": 13,
  "authentication-required": 14,
} as const;

/** ServiceErrors that explain a rejection in its user-information: category and value. */
const serviceErrors = {
  "deciphering-error": [0, 6],
  "dlms-version-too-low": [6, 1],
  "incompatible-conformance": [6, 2],
  "pdu-size-too-short": [6, 3],
} as const;

const dlmsVersion = 6;
const smallestPduSize = 12;
const authenticationUnit = { length: 1, bytes: new Uint8Array([0x80]) };
const logicalNameVaa = 0x0007;
const shortNameVaa = 0xfa00;

/** Why a proposal is turned down. */
export interface Rejection {
  readonly diagnostic: keyof typeof diagnostics;
  readonly serviceError?: keyof typeof serviceErrors;
  /** What the meter knows beyond what it tells the client. */
  readonly reason?: DlmsError;
}

/** A proposal that is accepted. */
export interface Agreement {
  readonly negotiated: Negotiated;
  readonly dedicatedKey?: Uint8Array;
  /** The client's challenge, where high level security goes on. */
  readonly clientChallenge?: Uint8Array;
  readonly responseAllowed: boolean;
  /** What the proposal was protected by. */
  readonly asked: ProtectionBits;
}

/** The lower of what the client takes and the meter sends; 0 is no limit. */
function longestSent(clientTakes: number, meterSends = 0): number {
  if (clientTakes === 0 || meterSends === 0) return clientTakes + meterSends;
  return Math.min(clientTakes, meterSends);
}

/** Weighs an AARQ against the profile of the client's address. The channel learns the client's system title. */
export function weighProposal(aarq: Aarq, profile: ServerProfile, channel: Channel): Agreement | Rejection {
  const referencing = profile.referencing ?? "logical-name";
  if (aarq.applicationContextName !== contextName(referencing, channel.ciphered))
    return { diagnostic: "application-context-name-not-supported" };
  if (!meets(aarq, profile, channel)) return { diagnostic: "calling-AP-title-not-recognized" };
  if (!isUser(aarq, profile)) return { diagnostic: "calling-AE-invocation-identifier-not-recognized" };
  const refusal = weighAuthentication(aarq, profile);
  if (refusal) return { diagnostic: refusal };
  const read = readInitiate(aarq, channel);
  if (!("initiate" in read)) return read;
  const { initiate, asked } = read;
  const conformance = common(initiate, profile.conformance);
  const refused = weighInitiate(initiate, conformance);
  if (refused) return { diagnostic: "no-reason-given", serviceError: refused };
  const clientChallenge = isHighLevel(profile.authentication.mechanism)
    ? aarq.callingAuthenticationValue?.value
    : undefined;
  return {
    negotiated: {
      applicationContext: { referencing, ciphering: channel.ciphered },
      mechanism: profile.authentication.mechanism,
      conformance,
      peerMaxPduSize: longestSent(initiate.clientMaxReceivePduSize, profile.maxSendPduSize),
      dlmsVersion,
      vaaName: referencing === "logical-name" ? logicalNameVaa : shortNameVaa,
      ...(channel.peerSystemTitle && { peerSystemTitle: channel.peerSystemTitle }),
      ...(aarq.callingAeInvocationId !== undefined && { userId: aarq.callingAeInvocationId }),
    },
    ...(initiate.dedicatedKey && { dedicatedKey: initiate.dedicatedKey }),
    ...(clientChallenge instanceof Uint8Array && { clientChallenge }),
    responseAllowed: initiate.responseAllowed,
    asked,
  };
}

/** The AARE that accepts; `challenge` is the meter's own, where high level security goes on. */
export function acceptance(
  { negotiated, asked }: Agreement,
  profile: ServerProfile,
  channel: Channel,
  challenge: Uint8Array | undefined,
): Aare {
  const { mechanism } = negotiated;
  const title = profile.security?.systemTitle ?? profile.systemTitle;
  return {
    type: "aare",
    applicationContextName: contextName(negotiated.applicationContext.referencing, channel.ciphered),
    result: associationResults.accepted,
    resultSourceDiagnostic: {
      source: "acse-service-user",
      diagnostic: diagnostics[challenge ? "authentication-required" : "null"],
    },
    ...(title && (channel.ciphered || needsTitles(mechanism)) && { respondingApTitle: title }),
    ...(profile.authentication.mechanism === "hls-ecdsa" &&
      profile.authentication.certificate && { respondingAeQualifier: profile.authentication.certificate }),
    ...(challenge &&
      mechanism !== "none" && {
        responderAcseRequirements: authenticationUnit,
        mechanismName: authenticationMechanisms[mechanism],
        respondingAuthenticationValue: { choice: "charstring", value: challenge },
      }),
    userInformation: initiateResponse(negotiated, profile, channel, asked),
  };
}

/** The xDLMS part of an acceptance, also carried by an RLRE; `asked` is what that of the client was protected by. */
export function initiateResponse(
  negotiated: Negotiated,
  profile: ServerProfile,
  channel: Channel,
  asked: ProtectionBits,
): Uint8Array {
  return channel.seal(
    encodeApdu({
      type: "initiate-response",
      negotiatedDlmsVersionNumber: dlmsVersion,
      negotiatedConformance: conformanceOf(negotiated.conformance),
      serverMaxReceivePduSize: profile.maxPduSize ?? 0xffff,
      vaaName: negotiated.vaaName,
    }),
    channel.rules.responseTo(asked),
  );
}

/** The AARE that rejects. */
export function rejection(aarq: Aarq, { diagnostic, serviceError }: Rejection): Aare {
  const known = nameIn(applicationContexts, aarq.applicationContextName) !== undefined;
  const [category, value] = serviceError ? serviceErrors[serviceError] : [];
  return {
    type: "aare",
    applicationContextName: known ? aarq.applicationContextName : applicationContexts["logical-name"],
    result: associationResults["rejected-permanent"],
    resultSourceDiagnostic: { source: "acse-service-user", diagnostic: diagnostics[diagnostic] },
    ...(category !== undefined &&
      value !== undefined && {
        userInformation: encodeApdu({ type: "confirmed-service-error", service: 1, category, value }),
      }),
  };
}

/** Number of a diagnostic, for the meter's own report. */
export const diagnosticNumber = (diagnostic: keyof typeof diagnostics): number => diagnostics[diagnostic];

function isUser({ callingAeInvocationId: id }: Aarq, { users }: ServerProfile): boolean {
  if (users === undefined || users.size === 0) return true;
  return id !== undefined && users.has(id);
}

function meets({ callingApTitle }: Aarq, profile: ServerProfile, channel: Channel): boolean {
  const { mechanism } = profile.authentication;
  if (!callingApTitle) return channel.peerSystemTitle !== undefined || !(channel.ciphered || needsTitles(mechanism));
  if (!channel.ciphered && !needsTitles(mechanism)) return true;
  try {
    channel.meet(callingApTitle);
    return true;
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    return false;
  }
}

function weighAuthentication(aarq: Aarq, { authentication }: ServerProfile): keyof typeof diagnostics | undefined {
  const { mechanism } = authentication;
  const asked = aarq.mechanismName ?? authenticationMechanisms.none;
  if (mechanism === "none") return asked === authenticationMechanisms.none ? undefined : mechanismUnknown;
  if (asked === authenticationMechanisms.none) return "authentication-required";
  if (asked !== authenticationMechanisms[mechanism]) return mechanismUnknown;
  const value = aarq.callingAuthenticationValue;
  if (value?.choice !== "charstring") return "authentication-failure";
  if (authentication.mechanism === "low") {
    const same = SecretKey.from(authentication.password).use((password) => constantTimeEqual(password, value.value));
    return same ? undefined : "authentication-failure";
  }
  try {
    if (mechanism !== "low") checkChallenge(mechanism, new Uint8Array(), value.value);
    return undefined;
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    return "authentication-failure";
  }
}

const mechanismUnknown = "authentication-mechanism-name-not-recognised";

function readInitiate(
  { userInformation }: Aarq,
  channel: Channel,
): { readonly initiate: InitiateRequest; readonly asked: ProtectionBits } | Rejection {
  if (!userInformation) return { diagnostic: "no-reason-given" };
  try {
    const opened = channel.open(userInformation);
    const apdu = decodeApdu(opened.apdu);
    return apdu.type === "initiate-request"
      ? { initiate: apdu, asked: bitsOf(opened) }
      : { diagnostic: "no-reason-given" };
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    return channel.ciphered
      ? { diagnostic: "no-reason-given", serviceError: "deciphering-error", reason: error }
      : { diagnostic: "no-reason-given", reason: error };
  }
}

function weighInitiate(initiate: InitiateRequest, conformance: Conformance): keyof typeof serviceErrors | undefined {
  if (initiate.proposedDlmsVersionNumber < dlmsVersion) return "dlms-version-too-low";
  if (conformance.size === 0) return "incompatible-conformance";
  const size = initiate.clientMaxReceivePduSize;
  return size !== 0 && size < smallestPduSize ? "pdu-size-too-short" : undefined;
}

const common = (initiate: InitiateRequest, granted: Conformance): Conformance =>
  new Set(conformanceNames(initiate.proposedConformance).filter((name) => granted.has(name)));
