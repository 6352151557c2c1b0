/** Security setup (class 64): suite, policy, keys and certificates of an association. */
import { type Protection, protectionOfBits } from "../access-rights.js";
import { array, choice, mapped, sharedType, structure } from "../composite-types.js";
import { attribute, defineClass, fixed, method, query } from "../define.js";
import { CertificateEntity, CertificateType, KeyId, SecurityPolicyV0, SecuritySuite } from "../enumerations.js";
import { enumeration, enumOf } from "../simple-types.js";
import { octets } from "./records.js";

/** What messages must be protected by. */
export interface SecurityPolicy {
  readonly request: Protection;
  readonly response: Protection;
  /** The octet as on the wire. */
  readonly code: number;
}

/** A policy of version 1 from its bits. */
export function securityPolicy(code: number): SecurityPolicy {
  return { request: protectionOfBits(code, 2), response: protectionOfBits(code, 5), code };
}

const policyInBits = /* @__PURE__ */ mapped(
  enumeration,
  "security-policy bits",
  securityPolicy,
  (policy) => policy.code,
);
const suite = /* @__PURE__ */ enumOf(SecuritySuite);
const keyId = /* @__PURE__ */ enumOf(KeyId);
const entity = /* @__PURE__ */ enumOf(CertificateEntity);
const use = /* @__PURE__ */ enumOf(CertificateType);

/** A certificate, by whose it is or by its serial number. */
const certificateIdentification = /* @__PURE__ */ sharedType(() =>
  structure({
    certificateIdentificationType: enumeration,
    certificateIdentificationOptions: choice(
      structure({ certificateEntity: entity, certificateType: use, systemTitle: octets }),
      structure({ serialNumber: octets, issuer: octets }),
    ),
  }),
);

/** Security setup, version 0. */
export const SecuritySetupV0 = /* @__PURE__ */ defineClass(() => ({
  id: 64,
  version: 0,
  name: "securitySetup",
  attributes: {
    /** What messages must be protected by. */
    securityPolicy: fixed(2, enumOf(SecurityPolicyV0)),
    securitySuite: fixed(3, suite),
    clientSystemTitle: attribute(4, octets),
    serverSystemTitle: fixed(5, octets),
  },
  methods: {
    /** Raises the policy. */
    securityActivate: method(1, enumOf(SecurityPolicyV0)),
    /** Hands over keys wrapped with the master key. */
    globalKeyTransfer: method(2, array(structure({ keyId, keyWrapped: octets }))),
  },
  methodOffset: 0x28,
}));

/** Security setup, version 1: policy in bits, key agreement, certificates. */
export const SecuritySetup = /* @__PURE__ */ defineClass(() => ({
  id: 64,
  version: 1,
  name: "securitySetup",
  attributes: {
    /** What messages must be protected by. */
    securityPolicy: fixed(2, policyInBits),
    securitySuite: fixed(3, suite),
    clientSystemTitle: attribute(4, octets),
    serverSystemTitle: fixed(5, octets),
    /** The certificates that the meter holds. */
    certificates: attribute(
      6,
      array(
        structure({
          certificateEntity: entity,
          certificateType: use,
          serialNumber: octets,
          issuer: octets,
          subject: octets,
          subjectAltName: octets,
        }),
      ),
    ),
  },
  methods: {
    /** Raises the policy. */
    securityActivate: method(1, policyInBits),
    /** Hands over keys wrapped with the master key. */
    keyTransfer: method(2, array(structure({ keyId, keyWrapped: octets }))),
    /** Agrees on keys; returns the meter's part. */
    keyAgreement: query(3, array(structure({ keyId, keyData: octets })), array(structure({ keyId, keyData: octets }))),
    /** Makes a key pair in the meter. */
    generateKeyPair: method(4, use),
    /** Returns a certificate signing request. */
    generateCertificateRequest: query(5, use, octets),
    importCertificate: method(6, octets),
    exportCertificate: query(7, certificateIdentification, octets),
    removeCertificate: method(8, certificateIdentification),
  },
  methodOffset: 0x30,
}));
