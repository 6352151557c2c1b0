import type { DeviceCertificates } from "../certificates/index.js";
import { Obis, SecurityPolicyV0, SecuritySetup, SecuritySetupV0, securityPolicy } from "../cosem/index.js";
import type { CryptoProvider } from "../crypto/index.js";
import { policyOfCode, type SecretKey, type SecurityPolicy, type SuiteId } from "../security/index.js";
import { certificatePart } from "./certificate-methods.js";
import { keyMethods } from "./key-methods.js";
import type { KeyRing } from "./key-ring.js";
import type { MockObject } from "./object.js";
import { accessResult, Refusal } from "./results.js";
import { type ObjectBehaviours, type ObjectValues, object } from "./table-object.js";

/** What a security setup is made with. */
export interface SecuritySetupOptions {
  readonly crypto: CryptoProvider;
  /** Six octets. */
  readonly logicalName: Uint8Array;
  /** Version of the class. Version 0 knows suite 0 alone. */
  readonly version: 0 | 1;
  readonly suite: SuiteId;
  /** security_policy as on the wire: 0 to 3 in version 0, bits in version 1. */
  readonly policy: number;
  readonly keys: KeyRing;
  readonly serverSystemTitle: Uint8Array;
  /** Own private key to sign with; no key agreement without it. */
  readonly signaturePrivateKey?: SecretKey | Uint8Array | undefined;
  /** System title of the client whose setup this is. */
  clientSystemTitle(): Uint8Array;
  /** Public signature key of that client, where it is known. */
  clientSignaturePublicKey?(): Uint8Array | undefined;
  /** Key pairs and certificates; no such methods without them. */
  readonly certificates?: DeviceCertificates | undefined;
}

/** The state of a Security setup (class 64): it outlives associations, and several may stand on it. */
export class SecuritySetupState {
  readonly options: SecuritySetupOptions;
  readonly keys: KeyRing;
  #policy: number;
  #inForce: SecurityPolicy;

  /** @throws DecodeError `malformed` for a policy that the version does not have. */
  constructor(options: SecuritySetupOptions) {
    this.options = options;
    this.keys = options.keys;
    this.#policy = options.policy;
    this.#inForce = policyOfCode(options.policy, options.version);
  }

  /** What the policy demands of messages: another object once it was made stronger. */
  get inForce(): SecurityPolicy {
    return this.#inForce;
  }

  /** The policy in force, as on the wire: 0 to 3 in version 0, bits in version 1. */
  get policy(): number {
    return this.#policy;
  }

  /** security_activate: a policy is made stronger, never weaker. Throws `Refusal`. */
  activate(policy: number): void {
    const { version, suite } = this.options;
    const possible = version === 0 ? policyBitsV0 : suite === 0 ? policyBits & ~signatureBits : policyBits;
    if ((policy & ~possible) !== 0) throw new Refusal(accessResult.otherReason);
    if ((policy & this.#policy) !== this.#policy) throw new Refusal(accessResult.readWriteDenied);
    this.#policy = policy;
    this.#inForce = policyOfCode(policy, version);
  }
}

const policyBitsV0 = 0b11;
/** Authenticated, encrypted and signed, of request and response; the two lowest bits are reserved. */
const policyBits = 0b1111_1100;
const signatureBits = 0b1001_0000;

/** Methods of version 1 by name, each concern in a table of its own. */
export type SecuritySetupMethods = NonNullable<ObjectBehaviours<typeof SecuritySetup>["methods"]>;

/** What one concern adds to an object of version 1. */
export interface SecuritySetupPart {
  readonly values?: ObjectValues<typeof SecuritySetup>;
  readonly methods?: SecuritySetupMethods;
}

/** Concerns of version 1. */
const parts: readonly ((setup: SecuritySetupState) => SecuritySetupPart)[] = [
  (setup) => ({ methods: keyMethods(setup) }),
  certificatePart,
];

/** The object that shows the state, and changes it. */
export function securitySetupObject(setup: SecuritySetupState): MockObject {
  const { version, suite, serverSystemTitle, clientSystemTitle } = setup.options;
  const name = Obis.fromOctets(setup.options.logicalName);
  const shared = {
    securitySuite: suiteNames[suite],
    clientSystemTitle: () => clientSystemTitle(),
    serverSystemTitle,
  };
  if (version === 0) {
    const { keyTransfer } = keyMethods(setup);
    const methods = {
      securityActivate: (policy: keyof typeof SecurityPolicyV0 | number) =>
        setup.activate(typeof policy === "number" ? policy : SecurityPolicyV0[policy]),
      globalKeyTransfer: keyTransfer,
    };
    return object(
      SecuritySetupV0,
      name,
      { ...shared, securityPolicy: () => policyNames[setup.policy] ?? setup.policy },
      { methods },
    );
  }
  const added = parts.map((part) => part(setup));
  return object(
    SecuritySetup,
    name,
    Object.assign(
      { ...shared, securityPolicy: () => securityPolicy(setup.policy) },
      ...added.map((part) => part.values),
    ),
    { methods: Object.assign({}, ...added.map((part) => part.methods)) },
  );
}

const policyNames = ["none", "authenticated", "encrypted", "authenticated-encrypted"] as const;
const suiteNames = { 0: "suite-0", 1: "suite-1", 2: "suite-2" } as const;
