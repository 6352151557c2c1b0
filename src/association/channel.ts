import { dlmsError } from "../base/index.js";
import { lengthSize } from "../codec/index.js";
import type { Protection, UnprotectedApdu } from "../security/index.js";
import { SecurityContext } from "../security/index.js";
import type { AssociationSecurity, Crypto } from "./options.js";

/** What arrived, with its protection removed. */
export type Opened = Pick<
  UnprotectedApdu,
  "apdu" | "protection" | "authenticated" | "untrustedHint" | "systemTitle" | "invocationCounter"
>;

/** Security control and invocation counter. */
const securityHeaderSize = 5;
const tagSize = 12;
/** Tag of the APDU, and system title with its length. */
const generalHeaderSize = 10;

/** Tags of APDUs that carry other APDUs under protection. */
const isCiphered = (tag: number | undefined): boolean =>
  tag !== undefined &&
  ((tag >= 0x21 && tag <= 0x28) ||
    (tag >= 0x40 && tag <= 0x58) ||
    (tag >= 0xc8 && tag <= 0xd7) ||
    (tag >= 0xdb && tag <= 0xdf));

/** The protection of one association: adds it to what is sent, checks and removes it from what is received. */
export class Channel {
  readonly #context: SecurityContext | undefined;
  readonly #security: AssociationSecurity | undefined;

  constructor(security: AssociationSecurity | undefined, crypto: Crypto | undefined) {
    this.#security = security;
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

  /** Octets of an APDU before protection, such that it stays within `limit` (0: no limit) afterwards. */
  room(limit: number): number {
    if (limit === 0) return Number.POSITIVE_INFINITY;
    if (!this.ciphered) return limit;
    const tag = this.protection === "encrypted" ? 0 : tagSize;
    const header = this.#security?.ciphering === "general" ? generalHeaderSize : 1;
    const content = limit - header;
    return content - lengthSize(content) - securityHeaderSize - tag;
  }

  seal(apdu: Uint8Array): Uint8Array {
    if (!this.#context || !this.ciphered) return apdu;
    return this.#context.protect(apdu, { form: this.#security?.ciphering ?? "service" });
  }

  /** Protects what is sent where no association is: with the global key, and our system title in it. */
  sealAlone(apdu: Uint8Array): Uint8Array {
    if (!this.#context || !this.ciphered) return apdu;
    return this.#context.protect(apdu, { form: "general", key: "unicast" });
  }

  /** @throws SecurityError when the protection does not hold, is weaker than agreed, or cannot be removed. */
  open(bytes: Uint8Array): Opened {
    if (this.#context) return this.#context.unprotect(bytes);
    if (isCiphered(bytes[0]))
      throw dlmsError("key-unknown", "the message is ciphered, and no keys are configured", { layer: "association" });
    return { apdu: bytes, protection: "none", authenticated: false, untrustedHint: false };
  }
}
