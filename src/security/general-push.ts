import { decodeApdu } from "../apdu/index.js";
import { ByteReader, DlmsError, dlmsError } from "../base/index.js";
import type { CryptoProvider } from "../crypto/contract.js";
import { generalTags } from "./ciphered-tags.js";
import { decodeSecurityControl, type SuiteId } from "./control.js";
import { innerHeader, readGeneralHeader } from "./general-header.js";
import type { GeneralOpened, GeneralProtectionOptions, PartyKeys } from "./general-options.js";
import { GeneralProtection } from "./general-protection.js";
import type { Verify } from "./options.js";
import type { KeyTask } from "./private-key.js";
import { systemTitleLength } from "./suites.js";

/** Keys for what one meter sends in general-ciphering and general-signing, with the public keys of that meter. */
export interface GeneralPushKeys
  extends PartyKeys,
    Pick<
      GeneralProtectionOptions,
      | "profile"
      | "systemTitle"
      | "encryptionKey"
      | "broadcastKey"
      | "authenticationKey"
      | "masterKey"
      | "agreementPrivateKey"
    > {}

const headerLength = 5;

/**
 * Opens general-ciphering and general-signing that come without an association. The message names its suite; counters
 * are held against a window for each key.
 */
export class GeneralPushOpener {
  readonly #options: Omit<GeneralProtectionOptions, "suite">;
  readonly #signerSuite: SuiteId;
  readonly #bySuite = new Map<SuiteId, GeneralProtection>();

  constructor(crypto: CryptoProvider, keys: GeneralPushKeys, verify: Verify) {
    const { signaturePublicKey, agreementPublicKey, ...own } = keys;
    const party: PartyKeys = {
      ...(signaturePublicKey && { signaturePublicKey }),
      ...(agreementPublicKey && { agreementPublicKey }),
    };
    // What a layer proves is weighed with what the others prove, by whoever takes them off.
    this.#options = { crypto, ...own, party: () => party, verify, requires: "none" };
    this.#signerSuite = (signaturePublicKey?.length ?? 0) > 65 ? 2 : 1;
  }

  /**
   * Checks and removes one layer.
   * @throws SecurityError as `GeneralProtection.open`; `wrong-security-suite` when the keys are of another suite.
   */
  *opening(apdu: Uint8Array, covered = false): KeyTask<GeneralOpened> {
    try {
      return yield* this.#protection(suiteOf(apdu) ?? this.#signerSuite).opening(apdu, covered);
    } catch (error) {
      if (DlmsError.is(error) && error.code === "invalid-key")
        throw dlmsError("wrong-security-suite", "the keys are not of the length that the message's suite takes", {
          layer: "security",
          cause: error,
        });
      throw error;
    }
  }

  #protection(suite: SuiteId): GeneralProtection {
    const known = this.#bySuite.get(suite) ?? new GeneralProtection({ ...this.#options, suite });
    this.#bySuite.set(suite, known);
    return known;
  }
}

/**
 * Title of who made the layer; that of the general-signing APDU inside where the header is empty, as in GBCS.
 * Undefined where neither says. @throws DecodeError.
 */
export function originatorOf(apdu: Uint8Array): Uint8Array | undefined {
  const { originatorSystemTitle } = readGeneralHeader(new ByteReader(apdu, 1));
  if (originatorSystemTitle.length === systemTitleLength) return originatorSystemTitle;
  const inner = apdu[0] === generalTags.ciphering ? contentOf(apdu)?.subarray(headerLength) : undefined;
  if (inner?.[0] !== generalTags.signing) return undefined;
  const title = innerHeader(inner).originatorSystemTitle;
  return title.length === systemTitleLength ? title : undefined;
}

/** Of general-ciphering; a signature says nothing of its suite. */
function suiteOf(apdu: Uint8Array): SuiteId | undefined {
  const control = contentOf(apdu)?.[0];
  return control === undefined ? undefined : decodeSecurityControl(control).suite;
}

function contentOf(apdu: Uint8Array): Uint8Array | undefined {
  const message = apdu[0] === generalTags.ciphering ? decodeApdu(apdu) : undefined;
  return message?.type === "general-ciphering" ? message.content : undefined;
}
