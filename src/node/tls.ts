import { createHash } from "node:crypto";
import {
  connect as connectTls,
  createSecureContext,
  createServer,
  type DetailedPeerCertificate,
  type SecureVersion,
  type TLSSocket,
} from "node:tls";
import { type AbortSignalLike, DlmsError, dlmsError, fromHex } from "../base/index.js";
import type { SystemTitleSource } from "../certificates/index.js";
import type { Endpoint, PeerCertificate, PeerInfo } from "../transport/index.js";
import { endpointTrace } from "./debug-trace.js";
import { opening } from "./opening.js";
import { type ConnectedSocket, SocketTransport } from "./socket-transport.js";
import {
  checkPort,
  defaultConnectTimeoutMs,
  hostPort,
  type PortListener,
  remoteAddress,
  SocketListener,
  type TcpListenerOptions,
} from "./tcp.js";
import { leftAtOnce, tlsError } from "./tls-errors.js";

type Pem = string | Uint8Array;

/** Certificates and keys, PEM. There is no way to accept a peer that none of these vouches for. */
export interface TlsTrust {
  /** Authorities that may vouch for the peer; those of the system when left out. */
  readonly ca?: Pem | readonly Pem[];
  /** SHA-256 fingerprints of the peer's own certificate, hexadecimal; one must match. No authority is then needed. */
  readonly fingerprints?: readonly string[];
  /** Our own certificate, with the chain above it. */
  readonly certificate?: Pem;
  readonly key?: Pem;
  readonly passphrase?: string;
  /** Versions to speak. Default both, 1.2 and 1.3; there are no older ones. */
  readonly versions?: readonly ("1.2" | "1.3")[];
  /**
   * Tells the peer by its certificate. The certificate's chain or fingerprint was verified before. Returns what is
   * wrong with it, or undefined. For a meter it takes the place of the host name.
   */
  readonly identify?: (certificate: PeerCertificate) => string | undefined;
}

/** Where a meter listens on TLS, and how it is known to be the right one. */
export interface TlsOptions extends TlsTrust {
  readonly host: string;
  /** There is no registered port: it must be given. */
  readonly port: number;
  readonly link?: "wrapper" | "hdlc";
  readonly connectTimeoutMs?: number;
  /** Name sent to the peer and looked for in its certificate; the host when left out. */
  readonly serverName?: string;
  /**
   * System title that the meter's certificate must carry, in place of the host name: eight octets or their hexadecimal
   * text. It stands in the common name (16 digits) or in a hardwareModuleName.
   */
  readonly systemTitle?: Uint8Array | string;
  /** Where it stands, by profile; any place, all in agreement, when left out. */
  readonly titleFrom?: SystemTitleSource;
}

/**
 * A meter on TLS 1.2 or 1.3. It does not take the place of DLMS security.
 * @throws UsageError `invalid-argument` for certificates and keys that cannot be read or do not go together.
 */
export function tls(options: TlsOptions): Endpoint {
  const port = checkPort(options.port, 1);
  const name = `tls ${hostPort(options.host, port)}`;
  const pins = options.fingerprints?.map(normalFingerprint);
  const title = options.systemTitle === undefined ? undefined : titleOf(options.systemTitle);
  checkMaterial(options);
  const call: Call = { options, port, name, pins, title };
  const ended = endedBy(name, options.certificate !== undefined);
  return {
    createTransport: () => new SocketTransport(name, (signal) => connect(call, signal), ended),
    link: options.link ?? "wrapper",
    signOn: { mode: "none" },
    ...endpointTrace(),
  };
}

interface Call {
  readonly options: TlsOptions;
  readonly port: number;
  readonly name: string;
  readonly pins: readonly string[] | undefined;
  readonly title: Uint8Array | undefined;
}

async function connect(call: Call, signal: AbortSignalLike | undefined): Promise<ConnectedSocket> {
  const { options, port, pins, title } = call;
  const what = `connecting to ${call.name}`;
  const timeoutMs = options.connectTimeoutMs ?? defaultConnectTimeoutMs;
  const ownIdentity = pins !== undefined || options.identify !== undefined || title !== undefined;
  const identify = title === undefined ? options.identify : await titleCheck(title, options);
  return await opening<ConnectedSocket>(what, { timeoutMs, signal }, (done, failed) => {
    const socket = connectTls({
      host: options.host,
      port,
      ...(isHostName(options.serverName ?? options.host) ? { servername: options.serverName ?? options.host } : {}),
      ...material(options),
      // with a pinned fingerprint the chain need not lead anywhere: the certificate itself is compared below
      rejectUnauthorized: pins === undefined || options.ca !== undefined,
      ...(ownIdentity ? { checkServerIdentity: () => undefined } : {}),
    });
    let connected = false;
    socket.once("connect", () => {
      connected = true;
    });
    socket.on("error", (error) => {
      const { code } = error as { readonly code?: unknown };
      const hungUp = connected && code === "ECONNRESET" && options.certificate !== undefined;
      failed(hungUp ? leftAtOnce(what, true, error) : tlsError(error, what));
    });
    socket.once("secureConnect", () => {
      socket.pause();
      const peer = peerInfo(socket);
      const objection = objectionTo(what, peer.certificate, pins, identify);
      if (objection === undefined) {
        done({ socket, peer });
        return;
      }
      socket.destroy();
      failed(objection);
    });
    return () => socket.destroy();
  });
}

/** Tells by the system title; the ASN.1 library is loaded for it alone. */
async function titleCheck(systemTitle: Uint8Array, options: TlsOptions): Promise<TlsTrust["identify"]> {
  const { checkTlsIdentity } = await import("../certificates/index.js");
  const { identify, titleFrom } = options;
  return (certificate) => {
    checkTlsIdentity(certificate.der, { systemTitle, ...(titleFrom === undefined ? {} : { titleFrom }) });
    return identify?.(certificate);
  };
}

/** What it means that the socket is gone, by whether anything came through it. */
function endedBy(name: string, ownCertificate: boolean) {
  return (error: Error | undefined, heard: boolean): DlmsError | undefined => {
    const explained = error === undefined ? undefined : tlsError(error, name);
    const silent = explained === undefined || explained.code === "connection-lost";
    return silent && !heard ? leftAtOnce(name, ownCertificate, error) : explained;
  };
}

/** What a TLS listener is made with. */
export interface TlsListenerOptions extends TcpListenerOptions, TlsTrust {
  readonly certificate: Pem;
  readonly key: Pem;
  /** How long a caller may take over the handshake, in milliseconds; 10 s when left out. */
  readonly handshakeTimeoutMs?: number;
  /** Demands a certificate of the client, which `ca` or `fingerprints` must vouch for; true when left out. */
  readonly clientCertificate?: boolean;
  /** Hears of each client that was not let in, and why. */
  readonly refused?: (error: DlmsError) => void;
}

/**
 * Waits for TLS connections.
 * @throws UsageError `invalid-argument` for certificates and keys that cannot be read or do not go together.
 */
export function tlsListener(options: TlsListenerOptions): PortListener {
  const demanded = options.clientCertificate ?? true;
  const pins = options.fingerprints?.map(normalFingerprint);
  if (demanded && options.ca === undefined && pins === undefined)
    throw dlmsError("invalid-argument", "a TLS listener needs ca or fingerprints to know its clients by", {
      layer: "transport",
    });
  checkMaterial(options);
  const server = createServer({
    ...material(options),
    requestCert: demanded,
    rejectUnauthorized: demanded && (pins === undefined || options.ca !== undefined),
    pauseOnConnect: false,
    handshakeTimeout: options.handshakeTimeoutMs ?? defaultConnectTimeoutMs,
  });
  server.on("tlsClientError", (error, socket) => {
    options.refused?.(clientError(error, socket));
    // Node tells of a handshake that takes too long, and leaves its socket open.
    socket.destroy();
  });
  return new SocketListener<TLSSocket>("tls", server, "secureConnection", options, (socket, name) => {
    const peer = peerInfo(socket);
    return new SocketTransport(name, async () => {
      const what = `accepting ${name}`;
      const objection = demanded ? objectionTo(what, peer.certificate, pins, options.identify) : undefined;
      if (objection === undefined) return { socket, peer };
      socket.destroy();
      options.refused?.(objection);
      throw objection;
    });
  });
}

/** Node hangs up on a client whose certificate is not good, and keeps the verdict on the socket. */
function clientError(error: Error, socket: TLSSocket): DlmsError {
  const verdict: unknown = socket.authorizationError;
  const what = `accepting tls ${remoteAddress(socket)}`;
  return tlsError(verdict ? Object.assign(new Error(String(verdict)), { code: String(verdict) }) : error, what);
}

/** @throws UsageError `invalid-argument`; what OpenSSL says of a key is not repeated. */
function checkMaterial(trust: TlsTrust): void {
  const authorities = trust.ca === undefined ? [] : Array.isArray(trust.ca) ? trust.ca : [trust.ca];
  for (const authority of authorities)
    if (!pemText(authority as Pem).includes("-----BEGIN CERTIFICATE-----"))
      throw invalidMaterial("the authority (ca) is no certificate in PEM");
  if ((trust.certificate === undefined) !== (trust.key === undefined))
    throw invalidMaterial("a certificate needs its key, and a key its certificate");
  try {
    createSecureContext(material(trust));
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH")
      throw invalidMaterial("the private key is not the one of the certificate");
    throw invalidMaterial("the certificate, the key or its passphrase is not good: both must be PEM");
  }
}

function invalidMaterial(message: string): DlmsError {
  return dlmsError("invalid-argument", message, { layer: "transport" });
}

const pemText = (value: Pem) => (typeof value === "string" ? value : Buffer.from(value).toString("latin1"));
const versionNames: Readonly<Record<string, SecureVersion>> = { "1.2": "TLSv1.2", "1.3": "TLSv1.3" };

function material(trust: TlsTrust) {
  const { ca, certificate, key, passphrase, versions = ["1.2", "1.3"] } = trust;
  const [lowest = "1.2", highest = lowest] = [...versions].sort();
  const pem = (value: Pem) => (typeof value === "string" ? value : Buffer.from(value));
  const several = (value: Pem | readonly Pem[]) =>
    typeof value === "string" || value instanceof Uint8Array ? pem(value) : value.map(pem);
  return {
    minVersion: versionNames[lowest] ?? "TLSv1.2",
    maxVersion: versionNames[highest] ?? "TLSv1.3",
    ...(ca === undefined ? {} : { ca: several(ca) }),
    ...(certificate === undefined ? {} : { cert: pem(certificate) }),
    ...(key === undefined ? {} : { key: pem(key) }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}

function peerInfo(socket: TLSSocket): PeerInfo {
  const certificate = socket.getPeerCertificate(true) as Partial<DetailedPeerCertificate>;
  const address = remoteAddress(socket);
  const { raw, subject, subjectaltname } = certificate;
  if (raw === undefined) return { address };
  // several common names are an array in spite of the type
  const commonName: unknown = subject?.CN;
  return {
    address,
    certificate: {
      der: new Uint8Array(raw),
      fingerprint: createHash("sha256").update(raw).digest("hex").toUpperCase(),
      ...(typeof commonName === "string" ? { commonName } : {}),
      ...(subjectaltname === undefined ? {} : { subjectAltName: subjectaltname }),
    },
  };
}

function objectionTo(
  what: string,
  certificate: PeerCertificate | undefined,
  pins: readonly string[] | undefined,
  identify: TlsTrust["identify"],
): DlmsError | undefined {
  if (certificate === undefined) return untrusted(what, "it showed no certificate");
  if (pins !== undefined && !pins.includes(certificate.fingerprint))
    return untrusted(what, `its certificate has the fingerprint ${certificate.fingerprint}, which is not a pinned one`);
  try {
    const objection = identify?.(certificate);
    return objection === undefined ? undefined : untrusted(what, objection);
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    return error;
  }
}

function titleOf(given: Uint8Array | string): Uint8Array {
  const title = typeof given === "string" ? fromHex(given) : given.slice();
  if (title.length === 8) return title;
  throw dlmsError("invalid-argument", `a system title has 8 octets, not ${title.length}`, { layer: "transport" });
}

function normalFingerprint(text: string): string {
  const digits = text.replace(/[:\s]/g, "").toUpperCase();
  if (/^[0-9A-F]{64}$/.test(digits)) return digits;
  throw dlmsError("invalid-argument", "a fingerprint is the SHA-256 of the certificate: 64 hexadecimal digits", {
    layer: "transport",
  });
}

/** Names of hosts may be sent in the clear greeting; addresses may not (RFC 6066, clause 3). */
function isHostName(host: string): boolean {
  return !/^[\d.]+$/.test(host) && !host.includes(":");
}

function untrusted(what: string, objection: string): DlmsError {
  return dlmsError("peer-not-trusted", `${what}: ${objection}`, { layer: "transport" });
}
