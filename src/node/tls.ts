import { createHash } from "node:crypto";
import { connect as connectTls, createServer, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import { type AbortSignalLike, type DlmsError, dlmsError } from "../base/index.js";
import type { Endpoint, PeerCertificate, PeerInfo } from "../transport/index.js";
import { endpointTrace } from "./debug-trace.js";
import { opening } from "./opening.js";
import { type ConnectedSocket, SocketTransport } from "./socket-transport.js";
import { systemError } from "./system-error.js";
import {
  checkPort,
  defaultConnectTimeoutMs,
  firstCause,
  hostPort,
  type PortListener,
  remoteAddress,
  SocketListener,
  type TcpListenerOptions,
} from "./tcp.js";

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
   * Tells the meter by its certificate, in place of the host name: by the system title in it, for one. The
   * certificate's chain or fingerprint was verified before. Returns what is wrong with it, or undefined.
   */
  readonly identify?: (certificate: PeerCertificate) => string | undefined;
}

/** A meter on TLS 1.2 or 1.3. It does not take the place of DLMS security. */
export function tls(options: TlsOptions): Endpoint {
  const port = checkPort(options.port, 1);
  const name = `tls ${hostPort(options.host, port)}`;
  const pins = options.fingerprints?.map(normalFingerprint);
  return {
    createTransport: () => new SocketTransport(name, (signal) => connect(options, port, name, pins, signal)),
    link: options.link ?? "wrapper",
    signOn: { mode: "none" },
    ...endpointTrace(),
  };
}

function connect(
  options: TlsOptions,
  port: number,
  name: string,
  pins: readonly string[] | undefined,
  signal: AbortSignalLike | undefined,
): Promise<ConnectedSocket> {
  const what = `connecting to ${name}`;
  const timeoutMs = options.connectTimeoutMs ?? defaultConnectTimeoutMs;
  const ownIdentity = pins !== undefined || options.identify !== undefined;
  return opening<ConnectedSocket>(what, { timeoutMs, signal }, (done, failed) => {
    const socket = connectTls({
      host: options.host,
      port,
      ...(isHostName(options.serverName ?? options.host) ? { servername: options.serverName ?? options.host } : {}),
      ...material(options),
      // with a pinned fingerprint the chain need not lead anywhere: the certificate itself is compared below
      rejectUnauthorized: pins === undefined || options.ca !== undefined,
      ...(ownIdentity ? { checkServerIdentity: () => undefined } : {}),
    });
    socket.on("error", (error) => failed(tlsError(error, what)));
    socket.once("secureConnect", () => {
      socket.pause();
      const peer = peerInfo(socket);
      const objection = objectionTo(peer.certificate, pins, options.identify);
      if (objection === undefined) {
        done({ socket, peer });
        return;
      }
      socket.destroy();
      failed(untrusted(what, objection));
    });
    return () => socket.destroy();
  });
}

/** What a TLS listener is made with. */
export interface TlsListenerOptions extends TcpListenerOptions, TlsTrust {
  readonly certificate: Pem;
  readonly key: Pem;
  /** Demands a certificate of the client, which `ca` or `fingerprints` must vouch for; true when left out. */
  readonly clientCertificate?: boolean;
}

/** Waits for TLS connections. */
export function tlsListener(options: TlsListenerOptions): PortListener {
  const demanded = options.clientCertificate ?? true;
  const pins = options.fingerprints?.map(normalFingerprint);
  if (demanded && options.ca === undefined && pins === undefined)
    throw dlmsError("invalid-argument", "a TLS listener needs ca or fingerprints to know its clients by", {
      layer: "transport",
    });
  const server = createServer({
    ...material(options),
    requestCert: demanded,
    rejectUnauthorized: demanded && (pins === undefined || options.ca !== undefined),
    pauseOnConnect: false,
  });
  server.on("tlsClientError", () => {});
  return new SocketListener<TLSSocket>("tls", server, "secureConnection", options, (socket, name) => {
    const peer = peerInfo(socket);
    return new SocketTransport(name, async () => {
      const objection = demanded ? objectionTo(peer.certificate, pins, undefined) : undefined;
      if (objection === undefined) return { socket, peer };
      socket.destroy();
      throw untrusted(`accepting ${name}`, objection);
    });
  });
}

function material(trust: TlsTrust) {
  const { ca, certificate, key, passphrase } = trust;
  const pem = (value: Pem) => (typeof value === "string" ? value : Buffer.from(value));
  const several = (value: Pem | readonly Pem[]) =>
    typeof value === "string" || value instanceof Uint8Array ? pem(value) : value.map(pem);
  return {
    minVersion: "TLSv1.2" as const,
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
  certificate: PeerCertificate | undefined,
  pins: readonly string[] | undefined,
  identify: TlsOptions["identify"],
): string | undefined {
  if (certificate === undefined) return "it showed no certificate";
  if (pins !== undefined && !pins.includes(certificate.fingerprint))
    return `its certificate has the fingerprint ${certificate.fingerprint}, which is not a pinned one`;
  return identify?.(certificate);
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

/** OpenSSL's verification codes and alerts are about trust; the rest is the line. */
const trustCodes = /CERT|SIGNATURE|ISSUER|CRL|ALTNAME|TLSV1|SSLV3|ERR_TLS|ERR_SSL|CA_/;

function tlsError(error: Error, what: string): DlmsError {
  const cause = firstCause(error);
  const code = String((cause as { readonly code?: unknown }).code ?? "");
  if (!trustCodes.test(code)) return systemError(cause, what);
  return dlmsError("peer-not-trusted", `${what}: ${(cause as Error).message}`, { layer: "transport", cause });
}
