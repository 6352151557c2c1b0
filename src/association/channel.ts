import { dlmsError, equalBytes } from "../base/index.js";
import type { KeyReplacement, Protection, UnprotectedApdu } from "../security/index.js";
import { SecurityContext } from "../security/index.js";
import { roomFor } from "./blocks.js";
import type { AssociationSecurity, Crypto } from "./options.js";

/** What arrived, with its protection removed. */
export type Opened = Pick<
  UnprotectedApdu,
  "apdu" | "protection" | "authenticated" | "untrustedHint" | "systemTitle" | "invocationCounter"
>;

/** Security control and invocation counter. */
const securityHeaderSize = 5;
const tagSize = 12;
const initiateRequestTag = 0x01;
const initiateResponseTag = 0x08;
/** Tag of the APDU, and system title with its length. */
const generalHeaderSize = 10;

/** Tags of APDUs that carry other APDUs under protection. */
const isCiphered = (tag: number | undefined): boolean =>
  tag !== undefined &&
  ((tag >= 0x21 && tag <= 0x28) ||
    (tag >= 0x40 && tag <= 0x58) ||
    (tag >= 0xc8 && tag <= 0xd7) ||
    (tag >= 0xdb && tag <= 0xdf));

/** Tags of APDUs under the dedicated key. */
const isDedicated = (tag: number | undefined): boolean =>
  tag !== undefined && ((tag >= 0x41 && tag <= 0x58) || (tag >= 0xd0 && tag <= 0xd7) || tag === 0xdc);

/** Tags of general-glo-ciphering and general-ded-ciphering. */
const isGeneral = (tag: number | undefined): boolean => tag === 0xdb || tag === 0xdc;

const systemTitleSize = 8;

/** The protection of one end: adds it to what is sent, checks and removes it from what is received. */
export class Channel {
  readonly #security: AssociationSecurity | undefined;
  readonly #context: SecurityContext | undefined;
  #peerSystemTitle: Uint8Array | undefined;
  #dedicated = false;
  #form: "service" | "general";
  /** Answer in the form that the peer last used: what a meter does unless it is told which form to use. */
  readonly #mirrors: boolean;

  /** @throws UsageError `invalid-argument`, `invalid-key`. */
  constructor(
    security: AssociationSecurity | undefined,
    crypto: Crypto | undefined,
    role: "client" | "server" = "client",
  ) {
    this.#security = security;
    this.#form = security?.ciphering ?? "service";
    this.#mirrors = role === "server" && security?.ciphering === undefined;
    this.#peerSystemTitle = security?.peerSystemTitle;
    if (!security) return;
    if (!crypto) throw dlmsError("invalid-argument", "security needs a crypto provider", { layer: "association" });
    this.#context = new SecurityContext({ ...security, crypto });
  }

  get protection(): Protection {
    return this.#security?.protection ?? "none";
  }

  /** True when APDUs are ciphered, which the application context says. */
  get ciphered(): boolean {
    return this.protection !== "none";
  }

  get context(): SecurityContext | undefined {
    return this.#context;
  }

  get peerSystemTitle(): Uint8Array | undefined {
    return this.#peerSystemTitle;
  }

  /**
   * Takes the peer's system title from AARQ or AARE.
   * @throws SecurityError `wrong-system-title` when another one is configured; DecodeError `malformed`.
   */
  meet(title: Uint8Array): void {
    const expected = this.#security?.peerSystemTitle;
    if (expected && !equalBytes(expected, title))
      throw dlmsError("wrong-system-title", "the peer names another system title than the one configured", {
        layer: "association",
        received: title,
      });
    if (title.length !== systemTitleSize)
      throw dlmsError("malformed", `a system title has 8 octets, not ${title.length}`, { layer: "association" });
    this.#peerSystemTitle = title;
    if (this.#context) this.#context.peerSystemTitle = title;
  }

  /** An association begins; with a dedicated key all but the initiate services is protected with that. */
  begin(dedicatedKey: Uint8Array | undefined): void {
    this.#dedicated = dedicatedKey !== undefined && this.#context !== undefined;
    if (dedicatedKey) this.#context?.useDedicatedKey(dedicatedKey);
  }

  end(): void {
    this.#dedicated = false;
  }

  /** New global keys hold for the next message in either direction. @throws UsageError `invalid-key`, `wrong-state`. */
  replaceKeys(keys: KeyReplacement): void {
    if (!this.#context)
      throw dlmsError("wrong-state", "there are no keys to replace: nothing is ciphered", { layer: "association" });
    this.#context.replaceKeys(keys);
  }

  /** Octets of an APDU before protection, such that it stays within `limit` (0: no limit) afterwards. */
  room(limit: number): number {
    if (limit === 0) return Number.POSITIVE_INFINITY;
    if (!this.ciphered) return limit;
    const tag = this.protection === "encrypted" ? 0 : tagSize;
    const header = this.#form === "general" ? generalHeaderSize : 1;
    return roomFor(limit, header) - securityHeaderSize - tag;
  }

  seal(apdu: Uint8Array): Uint8Array {
    if (!this.#context || !this.ciphered) return apdu;
    const dedicated = this.#dedicated && apdu[0] !== initiateRequestTag && apdu[0] !== initiateResponseTag;
    return this.#context.protect(apdu, { form: this.#form, key: dedicated ? "dedicated" : "unicast" });
  }

  /** Protects what is sent where no association is: with the global key, and our system title in it. */
  sealAlone(apdu: Uint8Array): Uint8Array {
    if (!this.#context || !this.ciphered) return apdu;
    return this.#context.protect(apdu, { form: "general", key: "unicast" });
  }

  /** @throws SecurityError when the protection does not hold, is weaker than agreed, or cannot be removed. */
  open(bytes: Uint8Array): Opened {
    const tag = bytes[0];
    if (isCiphered(tag) && (!this.#context || (isDedicated(tag) && !this.#dedicated)))
      throw dlmsError("key-unknown", "the message is ciphered with a key that is not configured or agreed on", {
        layer: "association",
      });
    if (this.#context) {
      const opened = this.#context.unprotect(bytes);
      if (this.#mirrors && isCiphered(tag)) this.#form = isGeneral(tag) ? "general" : "service";
      return opened;
    }
    return { apdu: bytes, protection: "none", authenticated: false, untrustedHint: false };
  }
}
