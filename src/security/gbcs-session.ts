import { decodeApdu, encodeApdu, type GeneralHeader } from "../apdu/index.js";
import { ByteReader, dlmsError, equalBytes, toHex } from "../base/index.js";
import { generalTags } from "./ciphered-tags.js";
import type { SecurityContext } from "./context.js";
import { controlOctet } from "./gcm-layer.js";
import { emptyHeader, innerHeader, type ReceivedHeader, readGeneralHeader } from "./general-header.js";
import type { GeneralCipher, GeneralLayers, GeneralProtectionKeys, ProtectedAssociation } from "./general-layers.js";
import type { GeneralOpened } from "./general-options.js";
import { GeneralProtection } from "./general-protection.js";
import type { KeyTask } from "./private-key.js";

/** First octet of a transaction-id; the originator counter follows. */
const command = 1;
const response = 2;
const alert = 3;
const counterEnd = 2n ** 64n;
const transactionLength = 9;
const messageCodeLength = 2;
const headerLength = 5;
const signatureLength = 64;
/** Octets of a length above 127, beyond the first. */
const longLength = 2;
/** Commands that are waited for at once, answers that never came among them. */
const awaitedAtMost = 64;
const peersAtMost = 10_000;
const empty = new Uint8Array(0);

const accessRequestTag = 0xd9;
const accessResponseTag = 0xda;
const dataNotificationTag = 0x0f;
/** Bits of the first octet of long-invoke-id-and-priority. */
const confirmedBit = 0x40;
const breakOnErrorBit = 0x20;

/** The highest originator counters, by direction and peer: from session to session. */
export class GbcsMemory {
  readonly #highest = new Map<string, bigint>();

  highest(direction: "sent" | "received", peer: Uint8Array): bigint {
    return this.#highest.get(`${direction}/${toHex(peer)}`) ?? -1n;
  }

  keep(direction: "sent" | "received", peer: Uint8Array, counter: bigint): void {
    const name = `${direction}/${toHex(peer)}`;
    this.#highest.delete(name);
    this.#highest.set(name, counter);
    const [oldest] = this.#highest.keys();
    if (this.#highest.size > peersAtMost && oldest !== undefined) this.#highest.delete(oldest);
  }
}

/** What an answer is held against. */
interface Awaited {
  readonly messageCode: Uint8Array;
  /** long-invoke-id-and-priority as the association has it. */
  readonly invoke: Uint8Array;
}

/**
 * The layers of an association in the GBCS profile: a MAC under a key that the transaction-id makes, around a
 * general-signing APDU that names the parties and, as other-information, the message code. A command has the
 * transaction-id 01 || originator counter, its response 02 || the same counter, an alert 03 || a counter of the meter's.
 * The long-invoke-id is the end of that counter, the service class bit is clear, and yet there is an answer: here it is
 * brought to what the association takes it for, and back.
 */
export class GbcsLayers implements GeneralLayers {
  readonly profile = "gbcs";
  readonly key = "static";
  readonly transactionLength = transactionLength;
  readonly #keys: GeneralProtectionKeys;
  readonly #context: SecurityContext;
  readonly #role: "client" | "server";
  readonly #memory: GbcsMemory;
  readonly #protection: GeneralProtection;
  readonly #awaited = new Map<bigint, Awaited>();
  /** Of the request that was taken last. */
  #asked: Uint8Array = empty;

  /** @throws UsageError `invalid-argument` when the options of the association are not those of the profile. */
  constructor(keys: GeneralProtectionKeys, association: ProtectedAssociation, memory: GbcsMemory) {
    const { crypto, context, role, protection, ciphering } = association;
    if (context.suite !== 1) throw invalid(`the GBCS profile has suite 1, not ${context.suite}`);
    if (protection !== "authenticated")
      throw invalid(`the GBCS profile has the protection "authenticated", not "${protection}"`);
    if (ciphering !== "general-ciphering" && (role === "client" || ciphering !== undefined))
      throw invalid('the GBCS profile has the ciphering "general-ciphering"');
    if (role === "client" && keys.messageCode === undefined) throw invalid("the GBCS profile needs a message code");
    this.#keys = keys;
    this.#context = context;
    this.#role = role;
    this.#memory = memory;
    const { agreementPrivateKey, signaturePrivateKey, party } = keys;
    this.#protection = new GeneralProtection({
      ...(agreementPrivateKey && { agreementPrivateKey }),
      ...(signaturePrivateKey && { signaturePrivateKey }),
      ...(party && { party }),
      profile: "gbcs",
      crypto,
      suite: context.suite,
      systemTitle: context.systemTitle,
      verify: context.verify,
      // The association weighs all layers together.
      requires: "none",
    });
  }

  /** @throws SecurityError `counter-repeated`, `counter-lowered` when the counter given does not rise. */
  newTransaction(): Uint8Array {
    const counter = this.#keys.originatorCounter?.next() ?? BigInt(this.#context.lasting(0).counter.next());
    if (counter < 0n || counter >= counterEnd) throw invalid("an originator counter has 64 bits");
    checkRises(counter, this.#memory.highest("sent", this.#peer));
    this.#memory.keep("sent", this.#peer, counter);
    const transactionId = new Uint8Array(transactionLength);
    transactionId[0] = this.#role === "client" ? command : alert;
    new DataView(transactionId.buffer).setBigUint64(1, counter);
    return transactionId;
  }

  *cipher(apdu: Uint8Array, { protection, transactionId }: GeneralCipher): KeyTask<Uint8Array> {
    if (protection !== "authenticated")
      throw invalid("the GBCS profile authenticates messages and does not cipher them");
    const signed = apdu[0] === generalTags.signing ? apdu : this.#unsigned(apdu, transactionId);
    return yield* this.#protection.cipheringGbcs(signed);
  }

  *sign(apdu: Uint8Array, transactionId: Uint8Array): KeyTask<Uint8Array> {
    const header = this.#header(transactionId, apdu);
    return yield* this.#protection.signing(this.#onTheWire(apdu, header), header);
  }

  /**
   * @throws SecurityError `wrong-system-title` for other parties, `counter-repeated` and `counter-lowered` for what was
   * taken before, and as `GeneralProtection`. @throws ProtocolError `unexpected-message` for what is not GBCS,
   * `response-mismatch` for an answer to nothing.
   */
  *open(apdu: Uint8Array, covered = false): KeyTask<GeneralOpened> {
    const header = apdu[0] === generalTags.ciphering ? headerWithin(apdu) : readGeneralHeader(new ByteReader(apdu, 1));
    this.#check(header);
    const opened = yield* this.#protection.opening(apdu, covered);
    if (opened.kind !== "general-signing") return opened;
    return { ...opened, apdu: this.#taken(opened, covered || opened.signature === "valid") };
  }

  /** The general-signing APDU inside counts here. */
  cipherHeader({ transactionId }: Omit<GeneralCipher, "protection">): number {
    const outer = encodeApdu({ type: "general-ciphering", ...emptyHeader, content: empty }).length - 1;
    return outer + this.signHeader(transactionId) - signatureLength + 1 + longLength;
  }

  signHeader(transactionId: Uint8Array): number {
    const header = { ...this.#parties(transactionId), otherInformation: new Uint8Array(messageCodeLength) };
    const signature = new Uint8Array(signatureLength);
    return encodeApdu({ type: "general-signing", ...header, content: empty, signature }).length - 1;
  }

  // what is sent

  #unsigned(apdu: Uint8Array, transactionId: Uint8Array): Uint8Array {
    const header = this.#header(transactionId, apdu);
    const content = this.#onTheWire(apdu, header);
    return encodeApdu({ type: "general-signing", ...header, content, signature: empty });
  }

  #header(transactionId: Uint8Array, apdu: Uint8Array): GeneralHeader {
    const parties = this.#parties(transactionId);
    const answers = parties.transactionId[0] === response;
    return { ...parties, otherInformation: answers ? this.#asked : this.#messageCode(apdu) };
  }

  #parties(transactionId: Uint8Array): GeneralHeader {
    const own = transactionId.slice();
    // What a meter has of the request makes that of its answer.
    if (this.#role === "server" && own[0] === command) own[0] = response;
    return {
      ...emptyHeader,
      transactionId: own,
      originatorSystemTitle: this.#context.systemTitle,
      recipientSystemTitle: this.#peer,
    };
  }

  #messageCode(apdu: Uint8Array): Uint8Array {
    const { messageCode } = this.#keys;
    const code = typeof messageCode === "function" ? messageCode(apdu) : messageCode;
    if (code === undefined || !Number.isInteger(code) || code < 0 || code > 0xffff)
      throw invalid(`${code} is no message code: 0 to 65,535`);
    return Uint8Array.of(code >> 8, code);
  }

  /** The service as the profile has it; a command is awaited its answer from here. */
  #onTheWire(apdu: Uint8Array, { transactionId, otherInformation }: GeneralHeader): Uint8Array {
    const counter = counterOf(transactionId);
    if (transactionId[0] === command) this.#await(counter, { messageCode: otherInformation, invoke: apdu.slice(1, 5) });
    if (!hasLongInvokeId(apdu)) return apdu;
    const made = apdu.slice();
    const first = (apdu[1] as number) & ~confirmedBit;
    made[1] = apdu[0] === accessResponseTag ? first : first | breakOnErrorBit;
    if (apdu[0] !== accessResponseTag) made.set(transactionId.subarray(-3), 2);
    return made;
  }

  #await(counter: bigint, awaited: Awaited): void {
    this.#awaited.set(counter, awaited);
    const [oldest] = this.#awaited.keys();
    if (this.#awaited.size > awaitedAtMost && oldest !== undefined) this.#awaited.delete(oldest);
  }

  // what comes

  #check(header: ReceivedHeader): void {
    if (!equalBytes(header.originatorSystemTitle, this.#peer))
      throw wrongParty("the message names another originator than the peer", header.originatorSystemTitle);
    if (!equalBytes(header.recipientSystemTitle, this.#context.systemTitle))
      throw wrongParty("the message is for another party", header.recipientSystemTitle);
    const { transactionId, otherInformation } = header;
    const kinds = this.#role === "client" ? [response, alert] : [command];
    if (transactionId.length !== transactionLength || !kinds.includes(transactionId[0] as number))
      throw unexpected("the transaction-id is none of the GBCS profile in this direction");
    if (otherInformation.length < messageCodeLength) throw unexpected("the message has no message code");
    const counter = counterOf(transactionId);
    if (transactionId[0] === response) this.#checkAnswer(counter, otherInformation);
    else checkRises(counter, this.#memory.highest("received", this.#peer));
  }

  #checkAnswer(counter: bigint, messageCode: Uint8Array): void {
    const awaited = this.#awaited.get(counter);
    if (awaited === undefined && counter <= this.#memory.highest("sent", this.#peer)) throw repeated(counter);
    if (awaited === undefined) throw mismatch("the answer bears the transaction-id of no request");
    if (!equalBytes(awaited.messageCode, messageCode.subarray(0, messageCodeLength)))
      throw mismatch("the answer has another message code than the request");
  }

  /** The service as the association takes it; what is `proven` is not taken again. */
  #taken({ transactionId, otherInformation, apdu }: GeneralOpened, proven: boolean): Uint8Array {
    const counter = counterOf(transactionId);
    const long = apdu[0] === accessRequestTag || apdu[0] === accessResponseTag;
    if (long && !equalBytes(apdu.subarray(2, 5), transactionId.subarray(-3)))
      throw mismatch("the long-invoke-id is not the end of the originator counter");
    const awaited = this.#awaited.get(counter);
    if (transactionId[0] === response) {
      if (proven) this.#awaited.delete(counter);
    } else if (proven) this.#memory.keep("received", this.#peer, counter);
    if (transactionId[0] === command) this.#asked = otherInformation.slice(0, messageCodeLength);
    if (!long) return apdu;
    const made = apdu.slice();
    if (apdu[0] === accessRequestTag) made[1] = (apdu[1] as number) | confirmedBit;
    else if (awaited) made.set(awaited.invoke, 1);
    return made;
  }

  get #peer(): Uint8Array {
    const { peerSystemTitle } = this.#context;
    if (peerSystemTitle !== undefined) return peerSystemTitle;
    throw dlmsError("system-title-unknown", "the GBCS profile needs the peer's system title", { layer: "security" });
  }
}

/** The header of the APDU inside, of a general-ciphering APDU that has the profile's form. */
function headerWithin(apdu: Uint8Array): ReceivedHeader {
  const message = decodeApdu(apdu);
  if (message.type !== "general-ciphering") throw unexpected("the APDU is not what its tag says");
  const { octets } = readGeneralHeader(new ByteReader(apdu, 1));
  if (octets.some((length) => length !== 0))
    throw unexpected("general-ciphering with a header where the GBCS profile has none");
  if (message.keyInfo) throw unexpected("key-info where the GBCS profile has none");
  const [control, ...counter] = message.content.subarray(0, headerLength);
  if (control !== controlOctet(1, "authenticated") || counter.length !== 4 || counter.some((octet) => octet !== 0))
    throw unexpected("the GBCS profile has security control 11 and counter zero");
  return innerHeader(message.content.subarray(headerLength));
}

const hasLongInvokeId = (apdu: Uint8Array): boolean =>
  apdu.length >= 5 && [accessRequestTag, accessResponseTag, dataNotificationTag].includes(apdu[0] as number);

const counterOf = (transactionId: Uint8Array): bigint =>
  new DataView(transactionId.buffer, transactionId.byteOffset, transactionLength).getBigUint64(1);

function checkRises(counter: bigint, highest: bigint): void {
  if (counter === highest) throw repeated(counter);
  if (counter < highest)
    throw dlmsError("counter-lowered", `the originator counter ${counter} comes after ${highest}`, {
      layer: "security",
    });
}

const repeated = (counter: bigint) =>
  dlmsError("counter-repeated", `a message with the originator counter ${counter} was taken already`, {
    layer: "security",
  });
const unexpected = (message: string) => dlmsError("unexpected-message", message, { layer: "security" });
const mismatch = (message: string) => dlmsError("response-mismatch", message, { layer: "security" });
const invalid = (message: string) => dlmsError("invalid-argument", message, { layer: "security" });
const wrongParty = (message: string, received: Uint8Array) =>
  dlmsError("wrong-system-title", message, { layer: "security", received });
