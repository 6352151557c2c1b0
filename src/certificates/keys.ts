import { ECDSASigValue, ECParameters, id_ecPublicKey, id_secp256r1, id_secp384r1 } from "@peculiar/asn1-ecc";
import { AlgorithmIdentifier, SubjectPublicKeyInfo } from "@peculiar/asn1-x509";
import { concatBytes, dlmsError } from "../base/index.js";
import {
  type CryptoProvider,
  type Curve,
  coordinateLength,
  type EllipticCurves,
  invalidPublicKey,
} from "../crypto/contract.js";
import { guarded, parseDer, serialize } from "./der.js";

/** Curve of suite 1 and of suite 2, and the signature algorithm that goes with it (IEC 62056-5-3, certificates). */
const curves = {
  "P-256": { oid: id_secp256r1, signature: "1.2.840.10045.4.3.2" },
  "P-384": { oid: id_secp384r1, signature: "1.2.840.10045.4.3.3" },
} as const satisfies Record<Curve, { oid: string; signature: string }>;
const curveNames = Object.keys(curves) as Curve[];

/** A public key of a certificate: x || y. */
export interface CertifiedKey {
  readonly curve: Curve;
  readonly octets: Uint8Array;
}

/**
 * The key of a SubjectPublicKeyInfo. That it is a point of the curve is checked where it is used.
 * @throws SecurityError `certificate-algorithm-unsupported` for other algorithms and curves, `invalid-public-key`.
 */
export function certifiedKey(info: SubjectPublicKeyInfo): CertifiedKey {
  const { algorithm, parameters } = info.algorithm;
  if (algorithm !== id_ecPublicKey) throw unsupported(`a public key of the algorithm ${algorithm}`);
  if (!parameters) throw unsupported("a public key that names no curve");
  const { namedCurve } = guarded("curve", () => parseDer(new Uint8Array(parameters), ECParameters, "curve"));
  const curve = curveNames.find((name) => curves[name].oid === namedCurve);
  if (curve === undefined) throw unsupported(`a public key on the curve ${namedCurve ?? "of its own making"}`);
  const point = new Uint8Array(info.subjectPublicKey);
  if (point.length !== 1 + 2 * coordinateLength[curve] || point[0] !== 4) throw invalidPublicKey(curve);
  return { curve, octets: point.slice(1) };
}

/** SubjectPublicKeyInfo of a key. */
export function publicKeyInfo({ curve, octets }: CertifiedKey): SubjectPublicKeyInfo {
  return new SubjectPublicKeyInfo({
    algorithm: new AlgorithmIdentifier({
      algorithm: id_ecPublicKey,
      parameters: buffer(serialize(new ECParameters({ namedCurve: curves[curve].oid }))),
    }),
    subjectPublicKey: buffer(Uint8Array.of(4, ...octets)),
  });
}

/** The AlgorithmIdentifier of signatures by a key on this curve. */
export function signatureAlgorithm(curve: Curve): AlgorithmIdentifier {
  return new AlgorithmIdentifier({ algorithm: curves[curve].signature });
}

/** The curve whose keys sign by this algorithm; undefined for an algorithm that DLMS/COSEM does not have. */
export function signingCurve(algorithm: string): Curve | undefined {
  return curveNames.find((name) => curves[name].signature === algorithm);
}

/** r || s of an ECDSA-Sig-Value; undefined when a number is too long for the curve. */
export function rawSignature(curve: Curve, der: Uint8Array): Uint8Array | undefined {
  const { r, s } = parseDer(der, ECDSASigValue, "a signature");
  const length = coordinateLength[curve];
  const halves = [r, s].map((number) => {
    const octets = new Uint8Array(number);
    const start = octets.findIndex((octet) => octet !== 0);
    const digits = start === -1 ? new Uint8Array() : octets.subarray(start);
    if (digits.length > length) return undefined;
    const half = new Uint8Array(length);
    half.set(digits, length - digits.length);
    return half;
  });
  const [first, second] = halves;
  return first === undefined || second === undefined ? undefined : concatBytes(first, second);
}

/** ECDSA-Sig-Value of r || s. */
export function derSignature(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  return serialize(new ECDSASigValue({ r: integer(raw.subarray(0, half)), s: integer(raw.subarray(half)) }));
}

/** Contents of an INTEGER of a positive number: no zeros in front but the one that keeps it positive. */
function integer(octets: Uint8Array): ArrayBuffer {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start++;
  const digits = octets.subarray(start);
  return buffer((digits[0] ?? 0) >= 0x80 ? Uint8Array.of(0, ...digits) : digits);
}

/** A copy as the library wants it. */
export function buffer(octets: Uint8Array): ArrayBuffer {
  return octets.slice().buffer as ArrayBuffer;
}

/** @throws UsageError `elliptic-curves-missing`. */
export function curvesOf(crypto: CryptoProvider): EllipticCurves {
  if (crypto.ellipticCurves !== undefined) return crypto.ellipticCurves;
  throw dlmsError("elliptic-curves-missing", "certificates need a crypto provider with elliptic curves", {
    layer: "certificates",
  });
}

/** @throws SecurityError `invalid-public-key` unless it is a point of its curve. */
export function checkPoint(crypto: CryptoProvider, { curve, octets }: CertifiedKey): void {
  // The provider looks at the point before it looks at the signature.
  curvesOf(crypto).verify(curve, octets, new Uint8Array(), new Uint8Array(2 * coordinateLength[curve]));
}

/** The error of an algorithm or curve that the security suites do not have. */
export function unsupported(what: string) {
  return dlmsError("certificate-algorithm-unsupported", `${what} is none of the security suites`, {
    layer: "certificates",
  });
}
