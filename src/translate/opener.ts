import { type GeneralCiphering, type GeneralSigning, inspectApdu } from "../apdu/index.js";
import { DlmsError, equalBytes, toHex } from "../base/index.js";
import type { CryptoProvider } from "../crypto/index.js";
import { GcmLayer, protectionOf, type SuiteId } from "../security/index.js";
import { problemOf } from "./data-json.js";
import { GeneralOpener, type SignatureOutcome } from "./general-opener.js";
import type { Json, Problem, TranslateKeys } from "./types.js";

/** Which end sent a message, as far as its kind tells. */
export type Sender = "client" | "server" | "unknown";

/** A ciphered content and what is known of it. */
export interface Sealed {
  /** Security control, invocation counter, ciphered octets, tag. */
  readonly content: Uint8Array;
  /** Title in the message itself. */
  readonly systemTitle?: Uint8Array;
  /** Title that the APDU around it announces. */
  readonly announcedTitle?: Uint8Array;
  readonly sender: Sender;
  readonly dedicated: boolean;
  /** Tag that the opened APDU must begin with, where the form says so. */
  readonly plainTag?: number;
  /** The whole APDU of general-ciphering, whose header is authenticated too as it stands. */
  readonly general?: { readonly octets: Uint8Array; readonly apdu: GeneralCiphering };
}

export interface Opened {
  readonly security: Json;
  /** The opened octets; undefined when they could not be opened, or did not hold: those stand in `security` alone. */
  readonly plaintext?: Uint8Array;
  readonly problem?: Problem;
}

const smallestHeader = 5;

/** Opens what is ciphered with the keys given and with what the traffic itself tells. */
export class Opener {
  readonly #crypto: CryptoProvider;
  readonly #keys: TranslateKeys;
  readonly #general: GeneralOpener;
  readonly #layers = new Map<string, GcmLayer | undefined>();
  readonly #dedicated: Uint8Array[];
  readonly #titles: { readonly title: Uint8Array; readonly sender: Sender }[] = [];

  constructor(crypto: CryptoProvider, keys: TranslateKeys) {
    this.#crypto = crypto;
    this.#keys = keys;
    this.#general = new GeneralOpener(crypto, keys);
    this.#dedicated = [...(keys.dedicatedKeys ?? [])];
  }

  /** Remembers a system title seen in the traffic; the last seen is tried first. */
  learnTitle(title: Uint8Array | undefined, sender: Sender): void {
    if (title?.length !== 8) return;
    const at = this.#titles.findIndex((known) => known.sender === sender && equalBytes(known.title, title));
    if (at >= 0) this.#titles.splice(at, 1);
    this.#titles.unshift({ title: title.slice(), sender });
    if (this.#titles.length > 64) this.#titles.pop();
  }

  /** Remembers a dedicated key that an initiate-request agreed on. */
  learnDedicatedKey(key: Uint8Array | undefined): void {
    if (key === undefined || this.#dedicated.some((known) => equalBytes(known, key))) return;
    this.#dedicated.unshift(key.slice());
    if (this.#dedicated.length > 16) this.#dedicated.pop();
  }

  open(sealed: Sealed): Opened {
    const { content } = sealed;
    if (content.length < smallestHeader)
      return { security: {}, problem: { code: "truncated", message: "no whole security header", offset: null } };
    const control = content[0] as number;
    const counter = new DataView(content.buffer, content.byteOffset).getUint32(1);
    const security: Json = {
      systemTitle: sealed.systemTitle?.length ? toHex(sealed.systemTitle) : null,
      securityControl: toHex(content.subarray(0, 1)),
      suite: control & 0x0f,
      protection: protectionOf(control),
      key: sealed.dedicated ? "dedicated" : control & 0x40 ? "broadcast" : "unicast",
      invocationCounter: counter,
      authenticated: null,
    };
    const suite = control & 0x0f;
    if (suite > 2) return { security, problem: problem("not-supported", "no such security suite") };
    if (control & 0x80) return { security, problem: problem("compression-unsupported", "the content is compressed") };
    if (sealed.general !== undefined) return this.#openGeneral(sealed, sealed.general, security);
    return this.#try(sealed, security, control, counter);
  }

  /** Checks a signature over the header fields and the content. `covered`: a tag around the APDU held. */
  signature(octets: Uint8Array, apdu: GeneralSigning, covered: boolean): SignatureOutcome {
    return this.#general.signature(octets, apdu.signature, covered);
  }

  #openGeneral(sealed: Sealed, { octets, apdu }: NonNullable<Sealed["general"]>, security: Json): Opened {
    const outcome = this.#general.open(octets, apdu, this.#titlesFor(sealed), (plaintext) => isPlausible(plaintext));
    return { ...outcome, security: { ...security, ...outcome.security } };
  }

  #try(sealed: Sealed, security: Json, control: number, counter: number): Opened {
    const body = sealed.content.subarray(smallestHeader);
    const protection = protectionOf(control);
    const titles = this.#titlesFor(sealed);
    const keys = this.#keysFor(sealed, control);
    if (protection === "authenticated" && keys.length === 0) return readable(security, body);
    if (protection === "none") return { security: { ...security, plaintext: toHex(body) }, plaintext: body };
    let refused: Problem | undefined;
    let unverified: { readonly systemTitle: Uint8Array; readonly plaintext: Uint8Array } | undefined;
    for (const key of keys)
      for (const systemTitle of titles) {
        const layer = this.#layer(control & 0x0f, key);
        if (layer === undefined) continue;
        const tried = attempt(
          layer,
          { securityControl: control, systemTitle, invocationCounter: counter },
          body,
          sealed,
        );
        if (tried.plaintext !== undefined)
          return {
            security: { ...security, systemTitle: toHex(systemTitle), ...tried.security },
            plaintext: tried.plaintext,
          };
        refused ??= tried.problem;
        if (unverified === undefined && tried.unverified !== undefined)
          unverified = { systemTitle, plaintext: tried.unverified };
      }
    const tried = refused !== undefined;
    const authenticated =
      tried && protection !== "encrypted" && this.#keys.authenticationKey !== undefined ? false : null;
    const shown = unverified && {
      systemTitle: toHex(unverified.systemTitle),
      plaintext: toHex(unverified.plaintext),
    };
    return {
      security: { ...security, authenticated, ...shown },
      problem:
        refused ??
        problem(
          "key-unknown",
          keys.length === 0 ? "no key fits this message" : "the sender's system title is not known",
        ),
    };
  }

  #titlesFor(sealed: Sealed): Uint8Array[] {
    if (sealed.systemTitle?.length) return [sealed.systemTitle];
    const announced = sealed.announcedTitle === undefined ? [] : [sealed.announcedTitle];
    const learnt = this.#titles.filter(({ sender }) => sender === sealed.sender || sender === "unknown");
    const others = this.#titles.filter(({ sender }) => sender !== sealed.sender && sender !== "unknown");
    const all = [
      ...announced,
      ...learnt.map(({ title }) => title),
      ...(this.#keys.systemTitles ?? []),
      ...others.map(({ title }) => title),
    ].filter((title) => title.length === 8);
    return all.filter((title, i) => all.findIndex((other) => equalBytes(other, title)) === i);
  }

  #keysFor(sealed: Sealed, control: number): Uint8Array[] {
    if (sealed.dedicated) return this.#dedicated;
    const { encryptionKey, broadcastKey } = this.#keys;
    const preferred: readonly (Uint8Array | undefined)[] =
      control & 0x40 ? [broadcastKey, encryptionKey] : [encryptionKey, broadcastKey];
    return preferred.flatMap((key) => (key === undefined ? [] : [key]));
  }

  #layer(suite: number, key: Uint8Array): GcmLayer | undefined {
    const name = `${suite}/${toHex(key)}`;
    if (!this.#layers.has(name)) this.#layers.set(name, this.#newLayer(suite as SuiteId, key));
    return this.#layers.get(name);
  }

  /** Undefined for a key whose length is not the suite's. */
  #newLayer(suite: SuiteId, key: Uint8Array): GcmLayer | undefined {
    try {
      return new GcmLayer(this.#crypto, suite, key, this.#keys.authenticationKey);
    } catch (error) {
      if (DlmsError.is(error)) return undefined;
      throw error;
    }
  }
}

function attempt(
  layer: GcmLayer,
  header: Parameters<GcmLayer["open"]>[0],
  body: Uint8Array,
  sealed: Sealed,
): { security?: Json; plaintext?: Uint8Array; unverified?: Uint8Array; problem?: Problem } {
  const checkable = layer.canAuthenticate && protectionOf(header.securityControl) !== "encrypted";
  try {
    const { plaintext, authenticated } = layer.open(header, body, checkable);
    if (!authenticated && !isPlausible(plaintext, sealed.plainTag))
      return {
        problem: problem("wrong-key", "what was decrypted is no APDU: another key or system title protects it"),
      };
    // The tag of the APDU is not authenticated: another's content could stand under it.
    if (sealed.plainTag !== undefined && plaintext[0] !== sealed.plainTag)
      return { problem: problem("unexpected-message", "the content belongs under the tag of another service") };
    return { security: { authenticated: authenticated ? true : null, plaintext: toHex(plaintext) }, plaintext };
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    const failed = { problem: problemOf(error) };
    const unverified = error.code === "authentication-failed" ? layer.open(header, body, false).plaintext : undefined;
    return unverified && isPlausible(unverified, sealed.plainTag) ? { ...failed, unverified } : failed;
  }
}

/** Content that is authenticated but not encrypted is there to read, checked or not. */
function readable(security: Json, body: Uint8Array): Opened {
  if (body.length < 12) return { security, problem: problem("truncated-tag", "no whole authentication tag") };
  const plaintext = body.subarray(0, body.length - 12);
  return { security: { ...security, plaintext: toHex(plaintext) }, plaintext };
}

/** Decrypted without a check: only what reads as an APDU, or as a telegram, can be right. */
function isPlausible(plaintext: Uint8Array, plainTag?: number): boolean {
  if (plainTag !== undefined && plaintext[0] !== plainTag) return false;
  if (plaintext[0] === 0x2f) return plaintext.every((octet) => octet < 0x80);
  return inspectApdu(plaintext).error === undefined;
}

function problem(code: string, message: string): Problem {
  return { code, message, offset: null };
}
